//! The connection to PostgreSQL, encrypted wherever it leaves the machine.

use std::{net::IpAddr, sync::Arc};

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use tokio_postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Error;

/// `config` with TLS required, or not used at all. Half measures help nobody: whoever can read along can also say that the
/// server does not speak TLS.
pub(super) fn decided(config: &Config) -> Config {
    let mut config = config.clone();
    if config.get_ssl_mode() == SslMode::Prefer {
        let stays = stays_here(&config);
        config.ssl_mode(if stays { SslMode::Disable } else { SslMode::Require });
    }
    config
}

/// Whether no connection leaves the machine.
fn stays_here(config: &Config) -> bool {
    let local = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    let addresses = config.get_hostaddrs();
    if addresses.is_empty() {
        config.get_hosts().iter().all(local)
    } else {
        addresses.iter().all(IpAddr::is_loopback)
    }
}

/// A connection that is encrypted or not, as `config` has [decided]. Certificates are those that the operating system trusts, or
/// those of `SSL_CERT_FILE`.
pub(super) async fn connect(config: &Config) -> Result<Client, Error> {
    // The carrier runs whenever its thread waits for an answer; its end shows in the client.
    if config.get_ssl_mode() == SslMode::Disable {
        let (client, carrier) = config.connect(NoTls).await?;
        tokio::spawn(async move { drop(carrier.await) });
        return Ok(client);
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let rustls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Refused(format!("TLS can't be used: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (client, carrier) = config.connect(MakeRustlsConnect::new(rustls)).await?;
    tokio::spawn(async move { drop(carrier.await) });
    Ok(client)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_machine_is_encrypted_unless_the_url_says_no() {
        for (url, expected) in [
            ("postgres://tacita@db.example.org/house", SslMode::Require),
            ("postgres://tacita@192.0.2.7/house", SslMode::Require),
            ("postgres://tacita@localhost,db.example.org/house", SslMode::Require),
            ("postgres://tacita@localhost/house?hostaddr=192.0.2.7", SslMode::Require),
            ("postgres://tacita@localhost/house?sslmode=require", SslMode::Require),
            ("postgres://tacita@db.example.org/house?sslmode=prefer", SslMode::Require),
            ("postgres://tacita@db.example.org/house?sslmode=disable", SslMode::Disable),
            ("postgres://tacita@localhost/house", SslMode::Disable),
            ("postgres://tacita@127.0.0.3/house", SslMode::Disable),
            ("postgres://tacita@[::1]/house", SslMode::Disable),
            ("postgres://tacita@%2Frun%2Fpostgresql/house", SslMode::Disable),
        ] {
            assert_eq!(decided(&url.parse().unwrap()).get_ssl_mode(), expected, "{url}");
        }
    }
}
