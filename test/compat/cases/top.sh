# Shows: one screen of top in batch mode
top -bn1 | head -6
