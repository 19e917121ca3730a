//! Style as a test: layers, file lengths, banned words, dependencies.
