//! Whole connections, with clients of other makes and other wishes.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use axum::body::Body;
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::{SupportedKxGroup, aws_lc_rs, aws_lc_rs::kx_group},
    pki_types::ServerName,
    version::{TLS12, TLS13},
};
use tacita_domain::Timestamp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    Certificate, Connections, Door, PostQuantum, Tls, TlsCounts, Transport,
    files::write_secret,
    serve_connection,
    tls::{TlsDoor, Watched},
};
use crate::{Config, Limits, limits::Enforced, router, router::monotonic};

type Group = &'static dyn SupportedKxGroup;

/// A server over TLS that lives as long as this.
struct Server {
    port: u16,
    door: Arc<TlsDoor>,
    watched: Watched,
    _stop: watch::Sender<()>,
}

impl Server {
    async fn start(certificate: Certificate, post_quantum: PostQuantum, limits: Limits) -> Self {
        let transport = Transport::Tls(Tls { certificate, post_quantum });
        let opened = Door::open(&transport, TlsCounts::default(), now()).unwrap();
        let (Door::Tls(door), watched) = opened else { panic!("it is TLS") };
        let config = Config { transport, limits: limits.clone(), ..Config::default() };
        let connections = Connections {
            router: router(&config, None).unwrap(),
            limits: Arc::new(Enforced::new(&limits, monotonic())),
            door: Door::Tls(Arc::clone(&door)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = watch::channel(());
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let (connections, stopped) = (connections.clone(), stopped.clone());
                tokio::spawn(async move { serve_connection(&connections, stream, peer, stopped).await });
            }
        });
        Self { port, door, watched, _stop: stop }
    }

    async fn self_made(post_quantum: PostQuantum, folder: &Path) -> (Self, PathBuf) {
        let certificate = Certificate::SelfMade { folder: folder.to_owned(), names: Vec::new() };
        let server = Self::start(certificate, post_quantum, Limits::default()).await;
        (server, folder.join("self-made.pem"))
    }

    /// Connects as a client that trusts the certificate in `trusted`.
    async fn connect(
        &self,
        trusted: &Path,
        groups: &[Group],
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&[u8]],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        use rustls::pki_types::{CertificateDer, pem::PemObject};
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(trusted).unwrap()).unwrap();
        let provider =
            rustls::crypto::CryptoProvider { kx_groups: groups.to_vec(), ..aws_lc_rs::default_provider() };
        let builder = ClientConfig::builder_with_provider(Arc::new(provider));
        let builder = builder.with_protocol_versions(versions).unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// What such a client and the server agree upon, once an answer has come; nothing where it is refused.
    async fn agreed(
        &self,
        trusted: &Path,
        groups: &[Group],
        versions: &[&'static SupportedProtocolVersion],
    ) -> Option<(String, String)> {
        let mut stream = self.connect(trusted, groups, versions, &[b"http/1.1"]).await.ok()?;
        let get = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(get).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("strict-transport-security: max-age=31536000"), "{answer}");
        let (_, session) = stream.get_ref();
        let group = session.negotiated_key_exchange_group()?.name();
        Some((format!("{:?}", session.protocol_version()?), format!("{group:?}")))
    }
}

fn now() -> Timestamp {
    tacita_service::system_clock()
}

#[tokio::test]
async fn keys_are_exchanged_as_well_as_the_client_can() {
    let folder = tempfile::tempdir().unwrap();
    let (server, trusted) = Server::self_made(PostQuantum::Preferred, folder.path()).await;
    let both = [&TLS13, &TLS12];
    let agreed = async |groups: &[Group], versions: &[&'static SupportedProtocolVersion]| {
        let agreed = server.agreed(&trusted, groups, versions).await;
        agreed.map(|(version, group)| format!("{version} {group}")).unwrap_or_default()
    };
    let (strong, weak) = (kx_group::X25519MLKEM768, kx_group::X25519);
    assert_eq!(agreed(&[strong, weak], &both).await, "TLSv1_3 X25519MLKEM768");
    // A client that would rather not, but can.
    assert_eq!(agreed(&[weak, strong], &both).await, "TLSv1_3 X25519MLKEM768");
    assert_eq!(agreed(&[weak], &both).await, "TLSv1_3 X25519");
    assert_eq!(agreed(&[kx_group::SECP384R1], &both).await, "TLSv1_3 secp384r1");
    assert_eq!(agreed(&[kx_group::SECP256R1], &[&TLS12]).await, "TLSv1_2 secp256r1");
}

#[tokio::test]
async fn where_it_is_required_others_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (server, trusted) = Server::self_made(PostQuantum::Required, folder.path()).await;
    let (strong, weak) = (kx_group::X25519MLKEM768, kx_group::X25519);
    let both = [&TLS13, &TLS12];
    assert!(server.agreed(&trusted, &[weak, strong], &both).await.is_some());
    assert_eq!(server.agreed(&trusted, &[weak], &both).await, None);
    assert_eq!(server.agreed(&trusted, &[weak], &[&TLS12]).await, None);
}

#[tokio::test]
async fn http_2_is_spoken_with_those_who_ask_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (server, trusted) = Server::self_made(PostQuantum::Preferred, folder.path()).await;
    let groups = [kx_group::X25519MLKEM768];
    let stream = server.connect(&trusted, &groups, &[&TLS13], &[b"h2", b"http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let asks: Vec<_> = (0..50)
        .map(|n| {
            let text = format!(r#"{{"text":"mara.lind{n}@example.org"}}"#);
            let request = hyper::Request::post("https://localhost/api/v1/detect")
                .header("content-type", "application/json")
                .body(Body::from(text))
                .unwrap();
            client.send_request(request)
        })
        .collect();
    for answer in futures_util::future::join_all(asks).await {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 200);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(str::from_utf8(&body).unwrap().contains("EMAIL_ADDRESS"));
    }
    // A head that is too large ends with an answer or with the stream, and not with the server.
    let large = hyper::Request::get("https://localhost/health").header("x", "a".repeat(20_000));
    let answer = client.send_request(large.body(Body::empty()).unwrap()).await;
    assert!(answer.is_err() || answer.unwrap().status() == 431);
    assert!(server.agreed(&trusted, &groups, &[&TLS13]).await.is_some());
}

/// A certificate for `localhost` with its key, in PEM.
fn pem() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let signed = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    (signed.pem(), key.serialize_pem())
}

#[tokio::test]
async fn files_are_read_again_when_they_change_and_broken_ones_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let [chain, key, second] = ["chain.pem", "key.pem", "second.pem"].map(|name| folder.path().join(name));
    let (first_chain, first_key) = pem();
    write_secret(&chain, first_chain.as_bytes()).unwrap();
    write_secret(&key, first_key.as_bytes()).unwrap();
    let files = Certificate::Files { chain: chain.clone(), key: key.clone() };
    let mut server = Server::start(files, PostQuantum::Preferred, Limits::default()).await;
    let groups = [kx_group::X25519MLKEM768];
    assert!(server.agreed(&chain, &groups, &[&TLS13]).await.is_some());

    let (second_chain, second_key) = pem();
    write_secret(&second, second_chain.as_bytes()).unwrap();
    let first = folder.path().join("first.pem");
    fs::copy(&chain, &first).unwrap();
    // The chain alone does not fit the key.
    write_secret(&chain, second_chain.as_bytes()).unwrap();
    for _ in 0..3 {
        server.door.refresh(&mut server.watched, now());
    }
    assert!(server.agreed(&first, &groups, &[&TLS13]).await.is_some(), "the one before is shown on");
    write_secret(&key, second_key.as_bytes()).unwrap();
    server.door.refresh(&mut server.watched, now());
    assert!(server.agreed(&first, &groups, &[&TLS13]).await.is_some(), "they may still be written to");
    server.door.refresh(&mut server.watched, now());
    assert!(server.agreed(&second, &groups, &[&TLS13]).await.is_some());
    assert!(server.agreed(&first, &groups, &[&TLS13]).await.is_none());
    for broken in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        write_secret(&chain, broken.as_bytes()).unwrap();
        for _ in 0..2 {
            server.door.refresh(&mut server.watched, now());
        }
        assert!(server.agreed(&second, &groups, &[&TLS13]).await.is_some());
    }
    fs::remove_file(&chain).unwrap();
    for _ in 0..2 {
        server.door.refresh(&mut server.watched, now());
    }
    assert!(server.agreed(&second, &groups, &[&TLS13]).await.is_some());
}

#[test]
fn a_start_with_files_that_do_not_fit_says_which_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let [chain, key] = ["chain.pem", "key.pem"].map(|name| folder.path().join(name));
    let open = || {
        let certificate = Certificate::Files { chain: chain.clone(), key: key.clone() };
        let transport = Transport::Tls(Tls { certificate, post_quantum: PostQuantum::Preferred });
        Door::open(&transport, TlsCounts::default(), now()).map(drop).unwrap_err().to_string()
    };
    assert!(open().contains("chain.pem"));
    let ((first, _), (_, other)) = (pem(), pem());
    write_secret(&chain, first.as_bytes()).unwrap();
    assert!(open().contains("key.pem"));
    write_secret(&key, other.as_bytes()).unwrap();
    let error = open();
    assert!(error.contains("key.pem") && error.contains("not the key of the first certificate"), "{error}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(open().contains("chmod 600"));
}

/// OpenSSL, as `pyOpenSSL` has it; nothing where it is not installed, which continuous integration takes for a failure.
async fn openssl(port: u16, groups: &str, version: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".tools/python/bin/python");
    if !python.exists() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "`./test` installs pyOpenSSL");
        println!("skipped: there is no pyOpenSSL; `./test` installs it");
        return None;
    }
    let mut command = Command::new(python);
    command.arg("-c").arg(include_str!("openssl_peer.py")).args([&port.to_string(), groups, version]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[tokio::test]
async fn openssl_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = Server::self_made(PostQuantum::Preferred, folder.path()).await;
    for (groups, version, agreed) in [
        ("X25519MLKEM768:X25519", "1.3", "TLSv1.3 | X25519MLKEM768 | HTTP/1.1 200 OK"),
        ("X25519:X25519MLKEM768", "1.3", "TLSv1.3 | X25519MLKEM768 | HTTP/1.1 200 OK"),
        ("X25519", "1.3", "TLSv1.3 | x25519 | HTTP/1.1 200 OK"),
        // In TLS 1.2 the curve of the certificate stands among the groups, too.
        ("X25519MLKEM768:X25519:P-256", "1.2", "TLSv1.2 | x25519 | HTTP/1.1 200 OK"),
    ] {
        let Some(said) = openssl(server.port, groups, version).await else { return };
        assert_eq!(said.to_lowercase(), agreed.to_lowercase(), "{groups} {version}");
    }
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = Server::self_made(PostQuantum::Required, folder.path()).await;
    let said = openssl(server.port, "X25519MLKEM768:X25519", "1.3").await.unwrap();
    assert!(said.starts_with("TLSv1.3 | X25519MLKEM768"), "{said}");
    for (groups, version) in [("X25519:P-256", "1.3"), ("X25519MLKEM768:X25519", "1.2")] {
        assert_eq!(openssl(server.port, groups, version).await.unwrap(), "refused");
    }
}
