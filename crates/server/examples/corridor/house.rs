//! A deployment with an organisation and its people.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    num::NonZeroUsize,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tacita_corridor::Sensitive;
use tacita_detect::{Detector, Options};
use tacita_domain::{
    Actor, DataClass, IdentityKind, LawfulBasis, OperationId, OrganisationId, PurposeName, Role, Scope,
    SubjectId, TokenId,
};
use tacita_server::{Config, Limits, Rates};
use tacita_service::{
    Caller, Databases, Deployment, Draft, Kept, LedgerSettings, Migrate, Person, PublicUrl, RootSource,
    Service, system_clock,
};
use tokio::{net::TcpStream, task::JoinHandle};
use zeroize::Zeroizing;

use crate::Result;

/// People that are made at once.
const TOGETHER: usize = 1000;

pub(crate) struct House {
    deployment: Arc<Deployment>,
    service: Service,
    organisation: OrganisationId,
    /// What signs in.
    pub(crate) token: Zeroizing<String>,
    /// Everybody.
    pub(crate) people: Vec<SubjectId>,
    next: AtomicUsize,
    ledger: JoinHandle<()>,
}

impl House {
    /// Makes it, with so many people, each of whom has a record.
    pub(crate) async fn found(folder: &Path, url: Option<&str>, people: usize) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let databases = match url {
            Some(url) => servers(url).await?,
            None => Databases::Files,
        };
        let root = RootSource::File(folder.join("root.key"));
        let deployment = Arc::new(Deployment {
            data: folder.to_owned(),
            root,
            databases,
            migrate: Migrate::AtTheStart,
            ledger: LedgerSettings::default(),
            policies: None,
            stolen_passwords: None,
            public_url: PublicUrl::local(8787),
        });
        let detector = Arc::new(Detector::new(Options::default())?);
        let service = deployment.open(detector, system_clock)?;
        let organisation = service.found_organisation("Example Ltd").await?.organisation;
        let (basis, class) = (LawfulBasis::Contract, DataClass::Personal);
        let officer = Actor::Service(TokenId::from_bytes([1; 16]), Role::Officer);
        let caller = Caller::new(organisation, officer, service.new_trace());
        service.set_purpose(&caller, purpose(), basis, class, true).await?;
        let token =
            service.create_token(organisation, "bench", Role::Service, Scope::FULL, None).await?.secret;
        let ledger = {
            let service = service.clone();
            tokio::spawn(async move {
                service.keep_ledgers(|_, error| eprintln!("the ledger stands still: {error}")).await;
            })
        };
        let mut house = Self {
            deployment,
            service,
            organisation,
            token,
            people: Vec::new(),
            next: AtomicUsize::new(0),
            ledger,
        };
        while house.people.len() < people {
            let batch = house.people.len()..people.min(house.people.len() + TOGETHER);
            let drafts = batch.map(|number| {
                let email = Zeroizing::new(format!("person{number}@example.org"));
                draft(Person::Known(IdentityKind::Email, email), number)
            });
            let kept = house.service.create_records(&house.caller().await, drafts.collect()).await;
            for kept in kept {
                house.people.push(kept?.subject);
            }
        }
        Ok(house)
    }

    /// Whoever asks, by the token that came with the request.
    async fn caller(&self) -> Caller {
        let trace = self.service.new_trace();
        let caller = self.service.sign_in(&self.token, trace).await;
        caller.expect("the store answers").expect("the token is worth something")
    }

    /// The number of the next record.
    pub(crate) fn next(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Somebody, each time somebody else, in no order that the database knows.
    pub(crate) fn somebody(&self, number: usize) -> SubjectId {
        // A prime that divides no number of people that anybody gives.
        self.people[number.wrapping_mul(7_368_787) % self.people.len()]
    }

    fn draft(&self) -> Draft {
        let number = self.next();
        draft(Person::Id(self.somebody(number)), number)
    }

    /// Keeps so many records, each with a sign-in of its own unless they come in one batch.
    pub(crate) async fn keep(&self, batch: usize) {
        if batch == 1 {
            self.keep_one().await;
        } else {
            let drafts = (0..batch).map(|_| self.draft()).collect();
            for kept in self.service.create_records(&self.caller().await, drafts).await {
                kept.expect("it is kept");
            }
        }
    }

    pub(crate) async fn keep_one(&self) -> Kept {
        self.service.create_record(&self.caller().await, self.draft()).await.expect("it is kept")
    }

    pub(crate) async fn prove(&self, kept: Kept) -> Result<()> {
        let operation: OperationId = kept.operation;
        Ok(self.service.receipt(self.organisation, operation).await.map(drop)?)
    }

    /// Starts a server over what is kept, on threads of its own.
    pub(crate) async fn serve(&self) -> Result<SocketAddr> {
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let deployment = Some(Arc::clone(&self.deployment));
        let workers = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        // What is measured is the way of a record, not how soon somebody is told to come back.
        let limits = Limits { rates: Rates::NONE, ..Limits::default() };
        let config = Config { listen, limits, deployment, workers, ..Config::default() };
        // It has the ledger's lease from here on.
        self.ledger.abort();
        thread::spawn(move || {
            if let Err(error) = tacita_server::run(&config) {
                eprintln!("error: {error}");
            }
        });
        for _ in 0..250 {
            if TcpStream::connect(listen).await.is_ok() {
                return Ok(listen);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("the server did not start".into())
    }
}

/// A record. People are invented.
fn draft(person: Person, number: usize) -> Draft {
    Draft {
        person,
        related: Vec::new(),
        kind: "ticket".parse().expect("it is a kind"),
        purpose: purpose(),
        payload: Sensitive::new(payload(number).into_bytes()),
    }
}

pub(crate) fn payload(number: usize) -> String {
    format!(
        r#"{{"subject":"The boiler makes a noise","text":"Since Monday, in the cellar. Call +1 202 555 0{:03} before eight, or write to mara.lind{number}@example.org; the caretaker has a key."}}"#,
        number % 200
    )
}

fn purpose() -> PurposeName {
    "support".parse().expect("it is a name")
}

/// Two new databases on a server.
async fn servers(url: &str) -> Result<Databases> {
    let config: tokio_postgres::Config = url.parse()?;
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let name = url.rsplit_once('/').map(|(server, _)| server).ok_or("the URL names no database")?;
    let [house, keyring] = ["house", "keyring"].map(|which| format!("tacita_bench_{which}"));
    for database in [&house, &keyring] {
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await?;
        client.batch_execute(&format!("CREATE DATABASE {database}")).await?;
    }
    let url = |database: &str| Zeroizing::new(format!("{name}/{database}"));
    Ok(Databases::Servers { house: url(&house), keyring: url(&keyring) })
}
