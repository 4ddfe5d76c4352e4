"""What the methods are built of: frames taken apart and put together, arrays, scales, sections, days; no method."""
