"""What comes from the network: one fetcher, through which every byte goes."""
