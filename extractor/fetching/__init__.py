"""Sources on the net: papers fetched into a file that `extractor run` reads."""
