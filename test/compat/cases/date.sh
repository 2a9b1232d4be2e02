# Shows: date prints a plausible now
date -u
date +%s
