archiver demo --archive archive
