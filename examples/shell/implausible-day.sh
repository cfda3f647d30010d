# A day that is not plausible: find it, and accept it when it is right
#
# The last close has lost its decimal point. Bars and EMAs take the day as it is; somebody has to look at it.
export BARWRIGHT_SCHEMA=market
barwright init > init.txt
barwright asset add 1 --symbol BTC --name Bitcoin > asset.txt
barwright asset calendar 1 none > calendar.txt
cat > prices.csv << END
date,open,high,low,close,volume
2026-01-05,100.5,104.2,99.5,103.5,5000
2026-01-06,103.5,106.0,101.1,102.5,4000
2026-01-07,102.5,102500,102.0,102500,6000
END
barwright ingest --id 1 prices.csv > ingest.txt
barwright refresh --all > run.txt
barwright asset findings | head -n 1
barwright asset accept 1 --day 2026-01-07

# Output:
# ID 1 2026-01-07: close is 1,000 times that of the day before
# [OK] accepted: ID 1 2026-01-07: close is 1,000 times that of the day before
