//! The server as it is started and stopped.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
};

use crate::tacita;

#[cfg(unix)]
#[test]
fn it_answers_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = tacita(folder.path());
    let serve = command.args(["serve", "--listen", "127.0.0.1:0", "--data", "data"]).stderr(Stdio::piped());
    let mut server = serve.spawn().expect("the binary is built");
    let mut log = BufReader::new(server.stderr.take().expect("it is piped")).lines();
    let address = log
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("http://").map(|(_, address)| address.trim().to_owned()))
        .expect("it says where it listens");
    let mut connection = TcpStream::connect(&address).expect("it listens");
    connection
        .write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .expect("it reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    assert!(told.is_ok_and(|status| status.success()));
    assert!(server.wait().expect("it ends").success());
}
