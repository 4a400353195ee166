"""The network: one fetcher, through which every byte of the network comes."""
