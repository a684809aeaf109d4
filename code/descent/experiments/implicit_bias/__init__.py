"""Long runs of the chapter on implicit bias."""
