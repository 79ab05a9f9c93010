"""Identity: which substance, organisation or modality is this text? Every answer is a stored judgement."""
