"""What copies ask of AWS: the vaults that they go into, their jobs, and what there is of them in the end."""
