# Prove that what is stored equals a rebuild
#
# Every series is rebuilt in memory and compared, byte for byte. The lines continue with a hash: equal data have equal
# hashes, on every machine.
barwright verify --ids 900001,900002 | cut -d ' ' -f 1-7 | head -n 2

# Output:
# [OK] 900001 SAMPLE-A 8511 bars 11613 points
# [OK] 900002 SAMPLE-B 8511 bars 11613 points
