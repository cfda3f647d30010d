# Leave an asset out of every run, and bring it back
#
# Nothing of it is deleted. "barwright asset purge" would do that.
barwright asset retire 900004
barwright refresh --all | grep '^\[OK\]'
barwright asset restore 900004

# Output:
# [OK] asset 900004 is retired
# [OK] bars: 7 ok (7 up to date), 0 failed, 0 skipped
# [OK] emas: 7 ok (7 up to date), 0 failed, 0 skipped
# [OK] indicators: 7 ok (7 up to date), 0 failed, 0 skipped
# [OK] asset 900004 is active
