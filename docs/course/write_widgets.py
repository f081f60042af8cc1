"""Write the widget of living.md: what its reader can choose is computed here."""

import poolviz as pv

explorer = pv.PoolExplorer(10, kernel_size=15)
explorer.save("pool.mjs", kernel_size=range(1, 16), stride=[1, 2], padding=[0, 1])
