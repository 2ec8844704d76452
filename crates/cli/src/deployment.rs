//! What is kept, for the commands that work on it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use tacita_detect::{Detector, Options};
use tacita_domain::OrganisationId;
use tacita_service::{Deployment, RootSource, Service};
use tokio::runtime::Runtime;

use crate::{
    config::{Front, Settings},
    failure::Failure,
};

/// Where what is kept lies.
#[derive(Debug, clap::Args)]
pub(crate) struct DeploymentArgs {
    /// A file of settings; `config.sample.toml` has them all
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of what is kept, made where it is missing; `tacita-data` unless the settings say so
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl DeploymentArgs {
    /// What the settings and the options say together, of which `listen` is one: where to listen and how, and what is kept.
    pub(crate) fn read(self, listen: Option<SocketAddr>) -> Result<(Front, Deployment), Failure> {
        let settings = Settings::read(self.config.as_deref(), |name| std::env::var(name).ok())?;
        let mut settings = settings.listening_at(listen);
        let front = settings.front(self.data.as_deref())?;
        Ok((front, settings.deployment(self.data)?))
    }

    /// Where its settings come from, for people.
    pub(crate) fn sources(&self) -> String {
        Settings::sources(self.config.as_deref(), |name| std::env::var(name).ok())
    }

    /// Opens it, with what its work is waited for by.
    pub(crate) fn open(self) -> Result<(Runtime, Service), Failure> {
        let (runtime, deployment) = self.prepare()?;
        let service = open(&runtime, &deployment)?;
        Ok((runtime, service))
    }

    /// What it is, with what its work is waited for by; nothing of it is opened yet.
    pub(crate) fn prepare(self) -> Result<(Runtime, Deployment), Failure> {
        let (_, deployment) = self.read(None)?;
        let runtime = Runtime::new().map_err(Failure::Runtime)?;
        for problem in tacita_service::harden() {
            anstream::eprintln!("tacita: {problem}");
        }
        Ok((runtime, deployment))
    }
}

/// Opens what is kept.
pub(crate) fn open(runtime: &Runtime, deployment: &Deployment) -> Result<Service, Failure> {
    let detector = Arc::new(Detector::new(Options::default())?);
    let _inside = runtime.enter();
    deployment.open(detector, tacita_service::system_clock).map_err(Failure::Deployment)
}

/// The root key that a file of settings names, for the folder `data`. The environment says nothing of it.
pub(crate) fn other_root(settings: &Path, data: &Path) -> Result<RootSource, Failure> {
    let settings = Settings::read(Some(settings), |_| None)?;
    Ok(settings.deployment(Some(data.to_owned()))?.root)
}

/// Whose it is, for the commands that work for one organisation.
#[derive(Debug, clap::Args)]
pub(crate) struct OrganisationArgs {
    /// The organisation, by its name or id; not needed where there is only one
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    #[command(flatten)]
    pub(crate) deployment: DeploymentArgs,
}

impl OrganisationArgs {
    /// Opens the deployment, and says whose data is worked on: somebody's, or it fails.
    pub(crate) fn open(self) -> Result<(Runtime, Service, OrganisationId), Failure> {
        let (runtime, service) = self.deployment.open()?;
        let whose = runtime.block_on(organisation(&service, self.organisation.as_deref()))?;
        let whose = whose.ok_or(tacita_service::Error::NotFound)?;
        Ok((runtime, service, whose))
    }
}

/// The organisation that is called `name`, or the only one there is.
pub(crate) async fn organisation(
    service: &Service,
    name: Option<&str>,
) -> Result<Option<OrganisationId>, Failure> {
    // The platform, which is meant only where it is named.
    let all = match name {
        Some(_) => service.organisations_and_platform().await?,
        None => service.organisations().await?,
    };
    match (name, &all[..]) {
        (None, []) => Ok(None),
        (None, [(only, _)]) => Ok(Some(*only)),
        (Some(name), all) => {
            Ok(all.iter().find(|(id, called)| called == name || id.to_string() == name).map(|(id, _)| *id))
        }
        (None, several) => {
            Err(Failure::NoOrganisation(several.iter().map(|(_, name)| name.clone()).collect()))
        }
    }
}
