"""Which file goes into which wheel, where and in which form: pure decisions over catalogs and specs."""
