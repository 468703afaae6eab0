"""The parts of benches/waas: rows, the engine and its peers, scores, disagreements."""
