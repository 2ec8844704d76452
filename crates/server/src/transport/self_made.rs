//! A certificate that vouches for itself, for use on one's own machines.

use std::path::{Path, PathBuf};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
};
use rustls::crypto::CryptoProvider;
use tacita_domain::Timestamp;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{TlsError, certificate::Identity, files};

/// Days for which one holds: what browsers accept at most.
const DAYS: i64 = 397;
/// Days before its end at which a new one is made.
const EARLY: i64 = 30;
const DAY: i64 = 24 * 60 * 60;
/// What it always holds for.
const OURS: [&str; 3] = ["127.0.0.1", "::1", "localhost"];

/// The one in `folder`, or a new one, where there is none that is for these names and holds for a while. True where it is new.
pub(super) fn identity(
    folder: &Path,
    names: &[String],
    now: Timestamp,
    provider: &CryptoProvider,
) -> Result<(Identity, bool), TlsError> {
    let path = file(folder);
    let names = all(names);
    if path.exists() {
        // One that can't be read is not made anew: others may have noted its fingerprint.
        let kept = Identity::read(&path, provider)?;
        if kept.names == names && kept.holds(now) && kept.left(now) > EARLY * DAY {
            return Ok((kept, false));
        }
    }
    files::write_secret(&path, make(&names, now)?.as_bytes())?;
    Ok((Identity::read(&path, provider)?, true))
}

/// Where it is kept, with its key.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join("self-made.pem")
}

fn all(names: &[String]) -> Vec<String> {
    let mut all: Vec<_> = OURS.into_iter().map(str::to_owned).chain(names.iter().cloned()).collect();
    all.sort();
    all.dedup();
    all
}

/// A certificate and its key, in PEM.
fn make(names: &[String], now: Timestamp) -> Result<Zeroizing<String>, TlsError> {
    let failed = |error: rcgen::Error| TlsError::Making(error.to_string());
    let key = KeyPair::generate().map_err(failed)?;
    let mut certificate = CertificateParams::new(names).map_err(failed)?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "Tacita, self-made");
    certificate.distinguished_name = name;
    certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let seconds = now.micros().div_euclid(1_000_000);
    // A day back, for clocks that are slow.
    certificate.not_before = moment(seconds - DAY)?;
    certificate.not_after = moment(seconds + (DAYS - 1) * DAY)?;
    let signed = certificate.self_signed(&key).map_err(failed)?;
    let key = Zeroizing::new(key.serialize_pem());
    Ok(Zeroizing::new(format!("{}{}", signed.pem(), *key)))
}

fn moment(seconds: i64) -> Result<OffsetDateTime, TlsError> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|error| TlsError::Making(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    /// 2026-11-29.
    const NOW: i64 = 1_795_910_400;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn it_is_kept_until_shortly_before_its_end_or_until_it_is_for_other_names() {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("tls");
        let names = ["tacita.example.org".to_owned(), "192.0.2.1".to_owned()];
        let get = |names: &[String], now| identity(&folder, names, at(now), &provider).unwrap();
        let (first, new) = get(&names, NOW);
        assert!(new && first.holds(at(NOW)));
        assert_eq!(first.names, ["127.0.0.1", "192.0.2.1", "::1", "localhost", "tacita.example.org"]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&file(&folder))), (0o700, 0o600));
        let fingerprint = first.fingerprint();
        assert_eq!(fingerprint.len(), 32 * 3 - 1);

        let late = NOW + (DAYS - EARLY - 2) * DAY;
        let (same, new) = get(&names, late);
        assert!(!new && same.fingerprint() == fingerprint);
        let (next, new) = get(&names, late + 2 * DAY);
        assert!(new && next.fingerprint() != fingerprint && next.holds(at(late + 300 * DAY)));
        let (other, new) = get(&names[..1], late + 2 * DAY);
        assert!(new && other.fingerprint() != next.fingerprint());
        // A clock that was wrong when it was made.
        assert!(get(&names[..1], NOW).1);
    }

    #[test]
    fn one_that_cannot_be_read_stays() {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        fs::write(&path, "what is this").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = identity(folder.path(), &[], at(NOW), &provider).unwrap_err().to_string();
        assert!(error.contains("self-made.pem") && error.contains("no certificate"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "what is this");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        let error = identity(folder.path(), &[], at(NOW), &provider).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}
