//! The binary `tacita`.

fn main() {}
