//! The binary as its users see it: command lines with what they print, as text files in `cmd`.

#[test]
fn commands_print_what_is_written_down() {
    trycmd::TestCases::new()
        .register_bin("tacita", trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_tacita").into()))
        .case("tests/cmd/*.md")
        .case("tests/cmd/*.toml");
}
