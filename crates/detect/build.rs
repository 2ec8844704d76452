//! Compiles the recognisers of `recognizers/*.toml` and the numbering plans of phones into the tables and automata that
//! the engine runs on.

#[path = "build/catalog.rs"]
mod catalog;
#[path = "build/openings.rs"]
mod openings;
#[path = "build/phone.rs"]
mod phone;
#[path = "build/tables.rs"]
mod tables;

use std::{env, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=recognizers");
    println!("cargo::rerun-if-changed=build");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    if let Err(error) = catalog::generate(Path::new("recognizers"), Path::new(&out)) {
        println!("cargo::error={error}");
    }
    phone::generate(Path::new(&out));
}
