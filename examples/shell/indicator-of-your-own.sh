# An indicator of your own: the close in percent of the highest high of n bars
#
# The file is named in barwright.config.json. docs/tasks/own-indicators.md says what it may have.
cat > near-high.mjs <<'END'
export const indicator = {
  name: 'near_high',
  parameters: [{ name: 'n', usual: 52 }],
  fields: ['high', 'close'],
  outputs: [{ name: '', firstAt: (n) => n - 1 }],
  lookback: (n) => n - 1,
  start: (n) => ({
    step: (state, { high, close }) => (100 * close.at(-1)) / Math.max(...high),
  }),
};
END
echo '{ "indicators": ["./near-high.mjs"] }' > barwright.config.json
barwright indicator add near_high_52
barwright refresh --indicators --quiet
barwright export indicators --id 900001 --tf 7D --indicator near_high_52 --from 2025-12-10

# Output:
# [OK] near_high_52 is active
# [INFO] "barwright refresh --all" or "barwright indicators" builds the history
# id,alignment,tf,day,ts,name,value
# 900001,multi_tf,7D,2025-12-16,2025-12-16 23:59:59.999+00,near_high_52,52.69452080946926
# 900001,multi_tf,7D,2025-12-23,2025-12-23 23:59:59.999+00,near_high_52,56.44212294768996
# 900001,multi_tf,7D,2025-12-30,2025-12-30 23:59:59.999+00,near_high_52,53.90484536082474
