# Every day: refresh, then see who is behind
#
# --quiet prints nothing when everything is done. What has gone wrong is printed.
barwright refresh --all --quiet
barwright status --stale | head -n 1
barwright plan

# Output:
# 8 assets: 8 history
# bars: 8 up to date
# emas: 8 up to date
# indicators: 8 up to date
