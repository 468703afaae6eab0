//! What an environment stands on: the directories on this machine, and where they appear in the sandbox.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::Function;
use crate::environment::EnvironmentError;
use crate::install::Installation;
use crate::jail::{Bind, Plan, Privileges};
use crate::layer;
use crate::runtime_api::RuntimeApi;
use crate::variables::{Places, variables};

/// Lambda's `/tmp`.
const TMP_MB: u64 = 512;

/// The directories that an environment stands on, on this machine.
pub(crate) struct Stands {
    scratch: PathBuf,
    task: PathBuf,
    layers: PathBuf,
}

impl Stands {
    pub(crate) fn prepare(directory: &Path, function: &Function) -> Result<Self, EnvironmentError> {
        let machine = |what| move |error| EnvironmentError::Machine { what, error };
        let code = function.code.canonicalize().map_err(machine("find the code"))?;
        let stands = Self {
            scratch: directory.join("root"),
            task: directory.join("task"),
            layers: directory.join("opt"),
        };
        for directory in [&stands.scratch, &stands.layers] {
            fs::create_dir(directory).map_err(machine("make a directory"))?;
        }
        layer::unpack(&function.layers, &stands.layers)?;
        // Lambda's user is another one. A directory that only its owner may enter (a temporary one) is copied for it.
        let readable =
            fs::metadata(&code).map_err(machine("look at the code"))?.permissions().mode() & 0o005 == 0o005;
        if readable {
            return Ok(Self { task: code, ..stands });
        }
        layer::copy(&code, &stands.task).map_err(machine("copy the code"))?;
        Ok(stands)
    }

    pub(crate) fn plan(
        self,
        installation: &Installation,
        function: &Function,
        privileges: Privileges,
        api: &RuntimeApi,
    ) -> Result<Plan, EnvironmentError> {
        let lambdas = Places::of_lambda();
        let places = match privileges {
            Privileges::Root | Privileges::User => lambdas.clone(),
            Privileges::Nothing => Places {
                task: self.task.clone(),
                layers: self.layers.clone(),
                language: installation.language.clone(),
                client: installation.client.clone(),
            },
        };
        let bind = |from: &Path, to: &Path| Bind { from: from.to_owned(), to: to.to_owned() };
        Ok(Plan {
            scratch: self.scratch,
            binds: vec![
                bind(&installation.language, &lambdas.language),
                bind(&installation.client, &lambdas.client),
                bind(&self.layers, &lambdas.layers),
                bind(&self.task, &lambdas.task),
            ],
            masked: installation.masked.iter().map(|below| lambdas.language.join(below)).collect(),
            tmp_mb: TMP_MB,
            resolver: function.resolver,
            command: installation.command(&places, function.memory_mb),
            directory: places.task.clone(),
            variables: variables(function, &places, api.address())?,
        })
    }
}
