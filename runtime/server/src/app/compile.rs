//! Work of the plugin host that takes seconds, off the threads that serve calls.

use std::sync::Arc;

use jackfield_plugin_host::{
    Grants, InstallError, InstallStep, Installed, PluginHost, PublishError, World,
};

/// Installs a component that may have `grants`.
pub async fn install(
    host: &PluginHost,
    component: Arc<[u8]>,
    world: World,
    grants: Grants,
) -> Result<Installed, InstallError> {
    let host = host.clone();
    let work = move || host.install(&component, world, &grants);
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(InstallError {
            step: InstallStep::Compile,
            problem: format!("the work was broken off: {error}"),
            mend: "try again".to_owned(),
        })
    })
}

/// Makes a component of a script.
pub async fn publish(
    host: &PluginHost,
    interpreter: Arc<[u8]>,
    script: &str,
) -> Result<Vec<u8>, PublishError> {
    let (host, script) = (host.clone(), script.to_owned());
    let work = move || host.publish_script(&interpreter, &script);
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(PublishError::Interpreter(format!("broken off: {error}"))))
}
