//! The settings of a deployment: a file, outranked by the environment, outranked by options.

mod limits;
mod tls;

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use tacita_server::{Config, Limits, Transport};
use tacita_service::{
    BadPublicUrl, Databases, Deployment, LedgerSettings, Migrate, PublicUrl, RootSource, TransitSettings,
    WitnessSettings,
};
use zeroize::Zeroizing;

use self::{
    limits::LimitSettings,
    tls::{Strength, TlsSettings},
};
use crate::failure::Failure;

/// The environment variable that names the file.
const FILE: &str = "TACITA_CONFIG";
/// Seconds that a key management service may take for one request.
const TRANSIT_SECONDS: u64 = 10;

/// Seconds that a witness may take for one request.
const WITNESS_SECONDS: u64 = 10;

/// What a file may say.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    listen: Option<SocketAddr>,
    plaintext: Option<bool>,
    data: Option<PathBuf>,
    migrate: Option<Migration>,
    database: Database,
    root_key: RootKey,
    ledger: Ledger,
    sign_in: SignIn,
    policies: Policies,
    tls: TlsSettings,
    limits: LimitSettings,
}

/// How people sign in.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SignIn {
    public_url: Option<String>,
    stolen_passwords: Option<PathBuf>,
}

/// Where a server stands, and what it asks of clients.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) listen: SocketAddr,
    pub(crate) transport: Transport,
    pub(crate) limits: Limits,
}

/// Who brings the schemas of the databases up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Migration {
    AtTheStart,
    ByHand,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Database {
    url: Option<Secret>,
    keyring_url: Option<Secret>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RootKey {
    file: Option<PathBuf>,
    passphrase_file: Option<PathBuf>,
    transit: Option<Transit>,
    /// From the environment alone: a file that holds it is `file`.
    #[serde(skip)]
    written: Option<Secret>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transit {
    address: String,
    key: String,
    mount: Option<String>,
    token_file: PathBuf,
    namespace: Option<String>,
    #[serde(default)]
    plaintext: bool,
    seconds: Option<u64>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Ledger {
    retention_years: Option<NonZeroU32>,
    witness: Vec<Witness>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Witness {
    file: Option<PathBuf>,
    url: Option<String>,
    key: Option<String>,
    #[serde(default)]
    plaintext: bool,
    seconds: Option<u64>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Policies {
    folder: Option<PathBuf>,
}

/// A text that prints as nothing.
#[derive(PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
struct Secret(Zeroizing<String>);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// What the environment may say, and what it sets.
const ENVIRONMENT: [(&str, Set); 15] = [
    ("TACITA_LISTEN", |settings, value| {
        settings.listen = Some(value.parse().map_err(|_| "is no address and port such as `127.0.0.1:8787`")?);
        Ok(())
    }),
    ("TACITA_PLAINTEXT", |settings, value| {
        settings.plaintext = Some(yes_or_no(&value)?);
        Ok(())
    }),
    ("TACITA_TLS_CERTIFICATE_FILE", |settings, value| {
        settings.tls.certificate_file = Some(value.into());
        Ok(())
    }),
    ("TACITA_TLS_KEY_FILE", |settings, value| {
        settings.tls.key_file = Some(value.into());
        Ok(())
    }),
    ("TACITA_TLS_SELF_MADE", |settings, value| {
        settings.tls.self_made = Some(yes_or_no(&value)?);
        Ok(())
    }),
    ("TACITA_TLS_POST_QUANTUM", |settings, value| {
        settings.tls.post_quantum = Some(match &*value {
            "preferred" => Strength::Preferred,
            "required" => Strength::Required,
            _ => return Err("is neither `preferred` nor `required`"),
        });
        Ok(())
    }),
    ("TACITA_LIMITS_REDIS", |settings, value| {
        settings.limits.redis = Some(value.into());
        Ok(())
    }),
    ("TACITA_DATA", |settings, value| {
        settings.data = Some(value.into());
        Ok(())
    }),
    ("TACITA_MIGRATE", |settings, value| {
        settings.migrate = Some(match &*value {
            "at-the-start" => Migration::AtTheStart,
            "by-hand" => Migration::ByHand,
            _ => return Err("is neither `at-the-start` nor `by-hand`"),
        });
        Ok(())
    }),
    ("TACITA_DATABASE_URL", |settings, value| {
        settings.database.url = Some(value.into());
        Ok(())
    }),
    ("TACITA_DATABASE_KEYRING_URL", |settings, value| {
        settings.database.keyring_url = Some(value.into());
        Ok(())
    }),
    ("TACITA_POLICIES_FOLDER", |settings, value| {
        settings.policies.folder = Some(value.into());
        Ok(())
    }),
    ("TACITA_ROOT_KEY_FILE", |settings, value| {
        settings.root_key = RootKey { file: Some(value.into()), ..RootKey::default() };
        Ok(())
    }),
    ("TACITA_ROOT_KEY_PASSPHRASE_FILE", |settings, value| {
        settings.root_key = RootKey { passphrase_file: Some(value.into()), ..RootKey::default() };
        Ok(())
    }),
    ("TACITA_ROOT_KEY", |settings, value| {
        let written = Some(value.into());
        settings.root_key = RootKey { written, ..RootKey::default() };
        Ok(())
    }),
];

fn yes_or_no(value: &str) -> Result<bool, &'static str> {
    value.parse().map_err(|_| "is neither `true` nor `false`")
}

type Set = fn(&mut Settings, String) -> Result<(), &'static str>;

impl Settings {
    /// Where settings come from, for people: the file, and the names of variables.
    pub(crate) fn sources(file: Option<&Path>, environment: impl Fn(&str) -> Option<String>) -> String {
        let named = environment(FILE).map(PathBuf::from);
        let file = file.or(named.as_deref());
        let file = file.map_or_else(|| "no file".to_owned(), |path| format!("`{}`", path.display()));
        let names = ENVIRONMENT.map(|(name, _)| name).into_iter().filter(|name| environment(name).is_some());
        let names = names.collect::<Vec<_>>().join(", ");
        format!("from {file}, and from the environment {}", if names.is_empty() { "nothing" } else { &names })
    }

    /// What the file says, or the one that the environment names, and then the environment.
    pub(crate) fn read(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let named = environment(FILE).map(PathBuf::from);
        let mut settings = match file.or(named.as_deref()) {
            Some(path) => {
                let text = Zeroizing::new(std::fs::read_to_string(path).map_err(Failure::read(path))?);
                Self::parse(&text)
                    .map_err(|reason| Failure::Config { from: path.display().to_string(), reason })?
            }
            None => Self::default(),
        };
        for (name, set) in ENVIRONMENT {
            if let Some(value) = environment(name) {
                set(&mut settings, value)
                    .map_err(|reason| Failure::Config { from: name.to_owned(), reason: reason.to_owned() })?;
            }
        }
        Ok(settings)
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            // The error's own text shows the line, which may hold a password.
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            format!("line {line}: {}", without_value(error.message()))
        })
    }

    /// The same, listening where an option says so.
    pub(crate) fn listening_at(mut self, listen: Option<SocketAddr>) -> Self {
        self.listen = listen.or(self.listen);
        self
    }

    /// Where to listen.
    fn listen(&self) -> SocketAddr {
        self.listen.unwrap_or(Config::LISTEN)
    }

    /// Where to listen and how; `data` is what an option says.
    pub(crate) fn front(&mut self, data: Option<&Path>) -> Result<Front, Failure> {
        let data = data.or(self.data.as_deref()).unwrap_or(Path::new(Config::DATA));
        let transport = std::mem::take(&mut self.tls).transport(self.plaintext, data)?;
        let limits = std::mem::take(&mut self.limits).limits()?;
        let listen = self.listen();
        if matches!(transport, Transport::Tls(_)) {
            let here = || format!("https://localhost:{}", listen.port());
            self.sign_in.public_url.get_or_insert_with(here);
        }
        Ok(Front { listen, transport, limits })
    }

    /// What is kept, and where; `data` is what an option says.
    pub(crate) fn deployment(self, data: Option<PathBuf>) -> Result<Deployment, Failure> {
        let port = self.listen().port();
        let data = data.or(self.data).unwrap_or_else(|| Config::DATA.into());
        let root = self.root_key.source(&data)?;
        let databases = match (self.database.url, self.database.keyring_url) {
            (None, None) => Databases::Files,
            (Some(house), Some(keyring)) => Databases::Servers { house: house.0, keyring: keyring.0 },
            _ => {
                return Err(Failure::Config {
                    from: "database".to_owned(),
                    reason: "give both `url` and `keyring_url`: the keys have a database of their own"
                        .to_owned(),
                });
            }
        };
        let migrate = match self.migrate {
            Some(Migration::ByHand) => Migrate::ByHand,
            Some(Migration::AtTheStart) | None => Migrate::AtTheStart,
        };
        let ledger = self.ledger.settings(&data)?;
        let policies = self.policies.folder.map(|folder| data.join(folder));
        let SignIn { public_url, stolen_passwords } = self.sign_in;
        let public_url = match public_url {
            Some(text) => text.parse().map_err(|error: BadPublicUrl| Failure::Config {
                from: "sign_in.public_url".to_owned(),
                reason: error.to_string(),
            })?,
            None => PublicUrl::local(port),
        };
        Ok(Deployment { data, root, databases, migrate, ledger, policies, stolen_passwords, public_url })
    }
}

impl Ledger {
    fn settings(self, data: &Path) -> Result<LedgerSettings, Failure> {
        let default = LedgerSettings::default();
        let witnesses = self.witness.into_iter().map(|witness| witness.settings(data));
        Ok(LedgerSettings {
            witnesses: witnesses.collect::<Result<_, _>>()?,
            retention_years: self.retention_years.unwrap_or(default.retention_years),
        })
    }
}

impl Witness {
    fn settings(self, data: &Path) -> Result<WitnessSettings, Failure> {
        match self {
            Self { file: Some(folder), url: None, key: None, plaintext: false, seconds: None } => {
                Ok(WitnessSettings::Folder(data.join(folder)))
            }
            Self { file: None, url: Some(url), key, plaintext, seconds } => {
                let timeout = Duration::from_secs(seconds.unwrap_or(WITNESS_SECONDS));
                Ok(WitnessSettings::Cosigner { url, key, plaintext, timeout })
            }
            _ => Err(Failure::Config {
                from: "ledger.witness".to_owned(),
                reason: "give either `file` alone or `url`, with `key`, `plaintext` and `seconds` where you need them"
                    .to_owned(),
            }),
        }
    }
}

impl RootKey {
    fn source(self, data: &Path) -> Result<RootSource, Failure> {
        let failed =
            |reason: &str| Failure::Config { from: "root_key".to_owned(), reason: reason.to_owned() };
        match self {
            Self { file, passphrase_file: None, transit: None, written: None } => {
                Ok(RootSource::File(data.join(file.unwrap_or_else(|| "root.key".into()))))
            }
            Self { file: None, passphrase_file: Some(path), transit: None, written: None } => {
                let text = std::fs::read_to_string(&path).map_err(Failure::read(&path))?;
                let text = Zeroizing::new(text);
                let passphrase = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
                Ok(RootSource::Passphrase { passphrase, parameters: data.join("root.salt") })
            }
            Self { file: None, passphrase_file: None, transit: Some(transit), written: None } => {
                Ok(RootSource::Transit(TransitSettings {
                    address: transit.address,
                    mount: transit.mount.unwrap_or_else(|| "transit".to_owned()),
                    key: transit.key,
                    token_file: transit.token_file,
                    namespace: transit.namespace,
                    plaintext: transit.plaintext,
                    timeout: Duration::from_secs(transit.seconds.unwrap_or(TRANSIT_SECONDS)),
                }))
            }
            Self { written: Some(written), .. } => Ok(RootSource::Written(written.0)),
            _ => Err(failed("give one of `file`, `passphrase_file` and `transit`, not several")),
        }
    }
}

/// A parser's message without the value that it quotes, which may be a key or a password, and without the names of types.
fn without_value(message: &str) -> &str {
    match message.split_once(", expected ") {
        Some((found, _)) if found.starts_with("unknown field") => message,
        Some(_) => "a value of another kind than in `config.sample.toml`",
        None if message.starts_with("missing field") || message.starts_with("duplicate key") => message,
        None => "not TOML, or a value of another kind than in `config.sample.toml`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../../config.sample.toml");

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn failure(text: &str) -> String {
        Settings::parse(text).unwrap_err()
    }

    #[test]
    fn the_sample_says_the_defaults() {
        let mut sample = Settings::parse(SAMPLE).unwrap();
        let [said, default] =
            [&mut sample, &mut Settings::default()].map(|settings| settings.front(None).unwrap());
        assert_eq!((said.listen, &said.transport), (default.listen, &default.transport));
        assert_eq!(format!("{:?}", said.limits), format!("{:?}", default.limits));
        let [said, default] =
            [sample, Settings::default()].map(|settings| settings.deployment(None).unwrap());
        assert_eq!((&said.data, said.migrate), (&default.data, default.migrate));
        assert_eq!((&said.ledger, &said.policies), (&default.ledger, &default.policies));
        assert_eq!(said.public_url, default.public_url);
        let [said, default] = [said.root, default.root].map(|root| match root {
            RootSource::File(path) => path,
            _ => panic!("the default is a file"),
        });
        assert_eq!(said, default);
    }

    #[test]
    fn the_sample_has_every_key_and_every_variable() {
        let all: String = SAMPLE
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest)
                    if rest.starts_with('[')
                        || rest.split_once(" = ").is_some_and(|(key, _)| is_key(key)) =>
                {
                    format!("{rest}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        let Settings {
            listen,
            plaintext,
            data,
            migrate,
            database,
            root_key,
            ledger,
            sign_in,
            policies,
            tls,
            limits,
        } = Settings::parse(&all).unwrap();
        assert!(sign_in.stolen_passwords.is_some() && sign_in.public_url.is_some());
        assert!(listen.is_some() && plaintext.is_some() && data.is_some() && migrate.is_some());
        assert!(database.url.is_some() && database.keyring_url.is_some());
        assert!(root_key.file.is_some() && root_key.passphrase_file.is_some());
        let transit = root_key.transit.unwrap();
        assert!(transit.mount.is_some() && transit.namespace.is_some());
        assert_eq!(transit.seconds, Some(TRANSIT_SECONDS));
        assert!(ledger.retention_years.is_some() && policies.folder.is_some());
        let [folder, cosigner] = <[Witness; 2]>::try_from(ledger.witness).unwrap();
        assert!(folder.file.is_some() && folder.settings(Path::new("data")).is_ok());
        assert!(cosigner.key.is_some());
        assert_eq!(cosigner.seconds, Some(WITNESS_SECONDS));
        assert!(cosigner.settings(Path::new("data")).is_ok());
        let TlsSettings { certificate_file, key_file, self_made, names, post_quantum, acme } = tls;
        assert!(certificate_file.is_some() && key_file.is_some() && self_made.is_some() && names.is_some());
        assert!(post_quantum.is_some() && acme.unwrap().root_file.is_some());
        assert!(!format!("{limits:?}").contains("None"), "{limits:?}");
        for name in ENVIRONMENT.map(|(name, _)| name).into_iter().chain([FILE]) {
            assert!(SAMPLE.contains(name), "{name}");
        }
    }

    #[test]
    fn browsers_reach_the_server_where_it_listens_unless_the_settings_say_so() {
        let public_url = |text: &str, listen: Option<&str>| {
            let settings = Settings::parse(text).unwrap();
            let settings = settings.listening_at(listen.map(|listen| listen.parse().unwrap()));
            settings.deployment(None).map(|deployment| deployment.public_url.of(""))
        };
        assert_eq!(public_url("listen = \"127.0.0.1:1\"", None).unwrap(), "http://localhost:1");
        let here = Some("127.0.0.1:2");
        assert_eq!(public_url("listen = \"127.0.0.1:1\"", here).unwrap(), "http://localhost:2");
        let said = "[sign_in]\npublic_url = \"https://privacy.example.org\"";
        assert_eq!(public_url(said, here).unwrap(), "https://privacy.example.org");
        let error = public_url("[sign_in]\npublic_url = \"http://192.0.2.1\"", None).unwrap_err().to_string();
        assert!(error.contains("sign_in.public_url") && error.contains("names"), "{error}");
    }

    fn is_key(text: &str) -> bool {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    }

    #[test]
    fn the_environment_outranks_the_file_and_an_option_both() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tacita.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\ndata = \"file\"\n[root_key]\nfile = \"a.key\"\n")
            .unwrap();
        let environment = |name: &str| match name {
            "TACITA_DATA" => Some("environment".to_owned()),
            "TACITA_ROOT_KEY" => Some("00".repeat(32)),
            _ => None,
        };
        let settings = Settings::read(Some(&file), environment).unwrap();
        assert_eq!(settings.listen.unwrap().port(), 1);
        let deployment = settings.deployment(None).unwrap();
        assert_eq!(deployment.data, Path::new("environment"));
        assert!(matches!(deployment.root, RootSource::Written(_)));
        let settings = Settings::read(Some(&file), environment).unwrap();
        assert_eq!(settings.deployment(Some("option".into())).unwrap().data, Path::new("option"));

        let named = |name: &str| (name == FILE).then(|| file.display().to_string());
        assert_eq!(Settings::read(None, named).unwrap().data.as_deref(), Some(Path::new("file")));
        assert_eq!(Settings::read(None, nothing).unwrap(), Settings::default());
    }

    #[test]
    fn mistakes_are_named_by_their_line_and_no_secret_is_shown() {
        assert!(failure("data = \"x\"\nlisten_on = 1\n").starts_with("line 2: unknown field `listen_on`"));
        assert!(failure("listen = \"nowhere\"").starts_with("line 1: "));
        let error = failure("[database]\nurl = \"postgres://mara:hunter2@db\" x\n");
        assert!(error.starts_with("line 2: ") && !error.contains("hunter2"), "{error}");
        for text in
            ["database = \"hunter2\"", "root_key = \"hunter2\"", "listen = \"hunter2\"", "data = hunter2"]
        {
            let error = failure(text);
            assert!(error.starts_with("line 1: ") && !error.contains("hunter2"), "{error}");
            assert!(!error.contains("struct"), "{error}");
        }
        let settings = Settings::parse("[database]\nurl = \"postgres://mara:hunter2@db\"").unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
        let error = settings.deployment(None).unwrap_err().to_string();
        assert!(error.contains("keyring_url"), "{error}");
        let settings = Settings::parse("[root_key]\nfile = \"a\"\npassphrase_file = \"b\"").unwrap();
        assert!(settings.deployment(None).unwrap_err().to_string().contains("not several"));
        for witness in ["", "file = \"a\"\nurl = \"https://b\"", "file = \"a\"\nkey = \"b\""] {
            let settings = Settings::parse(&format!("[[ledger.witness]]\n{witness}")).unwrap();
            let error = settings.deployment(None).unwrap_err().to_string();
            assert!(error.contains("either `file` alone or `url`"), "{error}");
        }
        let error = Settings::read(None, |name| (name == "TACITA_LISTEN").then(|| "here".to_owned()));
        assert!(error.unwrap_err().to_string().contains("`TACITA_LISTEN`"));
    }
}
