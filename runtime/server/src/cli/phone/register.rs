//! The registered phone: one agent's, or several at once.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use jackfield_telephony::speech::Audio;
use jackfield_telephony::{
    Endpoint, EndpointEvent, IncomingCall, Leg, LegEvent, Registration, Repeat,
};
use tokio::sync::mpsc;

use super::PhoneArgs;
use super::line::{Line, why};
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::config::Config;

/// Registers and takes calls until Ctrl-C.
pub async fn run(
    global: &Global,
    endpoint: &Arc<dyn Endpoint>,
    mut events: mpsc::Receiver<EndpointEvent>,
    args: &PhoneArgs,
    sound: Option<Arc<Audio>>,
) -> Result<ExitCode, CliError> {
    // The configuration is a convenience here: the server may be another's.
    let config = crate::cli::load(global).ok();
    let server = match (&args.server, &config) {
        (Some(server), _) => server.clone(),
        (None, Some(config)) => config.sip.bind.to_string(),
        (None, None) => "127.0.0.1:5060".to_owned(),
    };
    let line = Line::new();
    for user in &args.register {
        let password = password(args, config.as_ref(), user)?;
        endpoint.register(registration(args, &server, user, password));
    }
    line.say(&format!("registering {} with {server}", args.register.join(", ")));
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(EndpointEvent::Trunk { name, state: Ok(()) }) => {
                    line.named(&name).say("registered");
                }
                Some(EndpointEvent::Trunk { name, state: Err(why) }) => {
                    line.named(&name).say(&format!("not registered: {why}"));
                }
                Some(EndpointEvent::Incoming(call)) => {
                    let user = call.invite.dialled.clone();
                    let line = line.named(&user);
                    tokio::spawn(take(call, line, args.clone(), sound.clone()));
                }
                Some(_) => (),
                None => return Err(CliError::failed("the phone stopped")),
            },
            _ = tokio::signal::ctrl_c() => {
                line.say("unregistering");
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
}

fn password(args: &PhoneArgs, config: Option<&Config>, user: &str) -> Result<String, CliError> {
    let known = || config?.sip_password(user).map(|password| password.expose().clone());
    args.password.clone().or_else(known).ok_or_else(|| {
        CliError::Usage(format!(
            "no password is known for `{user}`: give one with --password, or the configuration \
             that has the agent with --config"
        ))
    })
}

fn registration(args: &PhoneArgs, server: &str, user: &str, password: String) -> Registration {
    let domain = server.split(';').next().unwrap_or(server);
    let aor =
        if user.contains('@') { format!("sip:{user}") } else { format!("sip:{user}@{domain}") };
    Registration {
        name: user.to_owned(),
        registrar: args.transport.add_to(&format!("sip:{server}")),
        aor,
        user: args.user.clone().unwrap_or_else(|| user.to_owned()),
        password,
        expires: Duration::from_secs(300),
    }
}

/// Takes one call as told, to its end.
pub(super) async fn take(
    mut call: IncomingCall,
    line: Line,
    args: PhoneArgs,
    sound: Option<Arc<Audio>>,
) {
    let name = call.invite.from_name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    line.say(&format!("call from {}{name}", call.invite.from_user));
    if let Some(status) = args.reject {
        call.leg.refuse(status, reason(status), None).await;
        line.say(&format!("refused with {status}"));
    } else if let Err(error) = call.leg.ring().await {
        line.say(&format!("cannot ring: {error}"));
    }
    let mut answer = args.auto_answer.then(|| tokio::time::Instant::now() + args.answer_after);
    let mut hang_up = None;
    loop {
        tokio::select! {
            event = call.events.recv() => match event {
                Some(LegEvent::Ended(end)) => return line.say(&format!("ended: {}", why(&end))),
                Some(LegEvent::Digit(digit)) => line.say(&format!("the other side pressed {digit}")),
                Some(LegEvent::Held) => line.say("on hold"),
                Some(LegEvent::Resumed) => line.say("off hold"),
                Some(_) => (),
                None => return,
            },
            () = tokio::time::sleep_until(answer.unwrap_or_else(tokio::time::Instant::now)), if answer.is_some() => {
                answer = None;
                match call.leg.answer().await {
                    Ok(()) => {
                        line.say("answered");
                        talk(&call.leg, &line, &args, sound.as_ref(), &call.invite.call_id);
                        hang_up = args.hang_up_after.map(|after| tokio::time::Instant::now() + after);
                    }
                    Err(error) => line.say(&format!("cannot answer: {error}")),
                }
            }
            () = tokio::time::sleep_until(hang_up.unwrap_or_else(tokio::time::Instant::now)), if hang_up.is_some() => {
                hang_up = None;
                call.leg.hang_up();
            }
        }
    }
}

/// Plays and records once answered.
fn talk(leg: &Arc<dyn Leg>, line: &Line, args: &PhoneArgs, sound: Option<&Arc<Audio>>, call: &str) {
    if let Some(sound) = sound {
        leg.play(Arc::clone(sound), Repeat::Forever);
    }
    let Some(path) = &args.record else { return };
    let path = recording(path, call);
    match leg.start_recording(path.clone()) {
        Ok(()) => line.say(&format!("recording {}", path.display())),
        Err(error) => line.say(&error.to_string()),
    }
}

/// The file for one call: further calls do not write over the first.
fn recording(path: &Path, call: &str) -> PathBuf {
    if !path.exists() {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let call: String = call.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
    path.with_file_name(format!("{stem}-{call}.wav"))
}

/// The usual phrase of a status a phone refuses with.
fn reason(status: u16) -> &'static str {
    match status {
        480 => "Temporarily Unavailable",
        486 => "Busy Here",
        600 => "Busy Everywhere",
        603 => "Decline",
        _ => "Refused",
    }
}
