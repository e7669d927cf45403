"""Measurements: speed and memory as ratios in one run, judgement against baselines on data not tuned on."""
