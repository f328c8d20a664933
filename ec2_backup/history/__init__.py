"""What earlier runs left in a folder: their JSON reports read in small, compared with each other, and as a trend."""
