"""What a drill asks of AWS beside what a restore does: the network, marks, commands, and the end of what it made."""
