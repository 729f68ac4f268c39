//! Decisions about ports.

use atelier_api::agent::ports::{ListeningPort, ListeningPorts, PortProtocol};
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::ports::{
    ENTRY_SECONDS, PORT_NAME_MAX, PORT_SETTINGS_MAX, Port, PortAddressing, PortList, PortOpen,
    PortOpened, PortSettings, PortUpdate, PortVisibility,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::decide::permits;
use super::grants::Grants;
use super::store::{self, PortRow};
use super::token::{Claims, Kind, Place, Visitor};
use super::{address, entry_routes};
use crate::authz::{Action, Resource};
use crate::ctx::{Ctx, Person};
use crate::error::{Error, Result};
use crate::names;
use crate::workspaces;

/// The longest path that an application may be opened at, in bytes.
const PATH_MAX: usize = 4_000;

/// What listens, and what is set for ports.
pub(super) async fn list(ctx: &Ctx, workspace: WorkspaceId, platform: &str) -> Result<PortList> {
    let running = workspaces::running(ctx, Action::PortList, workspace).await?;
    let listening: ListeningPorts = running.ports().await?;
    let set = store::list(&mut *ctx.read().await?, workspace).await?;
    let url = |port| {
        let place = Place::port(workspace, port);
        address::origin(ctx.app(), platform, place, running.organization)
    };
    let mut items: Vec<Port> = listening
        .items
        .into_iter()
        .map(|port| described(port, &set, url))
        .collect();
    for row in set {
        if !items.iter().any(|port| port.port == row.port) {
            items.push(Port {
                url: url(row.port),
                port: row.port,
                name: row.name,
                visibility: row.visibility,
                listening: false,
                addresses: Vec::new(),
                process: None,
                since: None,
                protocol: PortProtocol::Unknown,
            });
        }
    }
    items.sort_by_key(|port| port.port);
    Ok(PortList { items })
}

fn described(
    listening: ListeningPort,
    set: &[PortRow],
    url: impl Fn(u16) -> Option<String>,
) -> Port {
    let set = set.iter().find(|row| row.port == listening.port);
    Port {
        url: url(listening.port),
        port: listening.port,
        name: set.and_then(|row| row.name.clone()),
        visibility: set.map(|row| row.visibility).unwrap_or_default(),
        listening: true,
        addresses: listening.addresses,
        process: Some(listening.process),
        since: Some(listening.since),
        protocol: listening.protocol,
    }
}

/// Sets a port's name and who may see it.
pub(super) async fn update(
    ctx: &Ctx,
    workspace: WorkspaceId,
    port: u16,
    request: PortUpdate,
) -> Result<PortSettings> {
    workspaces::node_of(ctx, Action::PortUpdate, workspace).await?;
    let organization = workspaces::organization_of(ctx, workspace).await?;
    if port == 0 {
        return Err(Error::not_found("port"));
    }
    let name = request.name.as_deref().map(checked).transpose()?;
    let place = Place::port(workspace, port);
    let mut tx = ctx.begin().await?;
    tx.lock(&format!("ports:{workspace}")).await?;
    let mut row = store::find(&mut tx, workspace, port).await?;
    let before = row.clone();
    if let Some(name) = name {
        row.name = name;
    }
    if let Some(visibility) = request.visibility {
        row.visibility = visibility;
    }
    if row.name.is_none() && row.visibility == PortVisibility::Private {
        store::delete(&mut tx, workspace, port).await?;
    } else {
        let all = store::list(&mut tx, workspace).await?;
        let new = !all.iter().any(|known| known.port == port);
        if new && all.len() >= PORT_SETTINGS_MAX as usize {
            return Err(Error::limit_reached(format!(
                "{PORT_SETTINGS_MAX} ports of this workspace have a name or are shared, as many as may. \
                 Make some private again, without a name."
            )));
        }
        store::put(&mut tx, workspace, &row, ctx.now()).await?;
    }
    let details = json!({
        "port": port,
        "visibility": { "from": before.visibility, "to": row.visibility },
        "name": { "from": before.name, "to": row.name },
    });
    tx.audit(organization, Action::PortUpdate, &workspace, details);
    tx.publish(
        organization,
        EventBody::PortChanged {
            workspace_id: workspace,
            port,
        },
    );
    tx.commit().await?;
    Grants::look_again(ctx.app(), place).await;
    Ok(PortSettings {
        workspace_id: workspace,
        port,
        name: row.name,
        visibility: row.visibility,
    })
}

fn checked(name: &str) -> Result<Option<String>> {
    let name = name.trim();
    if name.chars().count() > PORT_NAME_MAX {
        return Err(Error::invalid(
            "name",
            format!("A port's name has at most {PORT_NAME_MAX} characters."),
        ));
    }
    if name.chars().any(names::is_unprintable) {
        return Err(Error::invalid(
            "name",
            "A port's name holds no line break or invisible control character.",
        ));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// An address by which whoever asks comes in.
pub(super) async fn open(
    ctx: &Ctx,
    workspace: WorkspaceId,
    port: u16,
    request: PortOpen,
    platform: &str,
) -> Result<PortOpened> {
    let person = ctx.person()?.clone();
    let place = Place::port(workspace, port);
    let reach = workspaces::reach(ctx, workspace).await;
    let set = store::find(&mut *ctx.read().await?, workspace, port).await?;
    // Whoever may not know of the workspace learns nothing of its state either.
    let organization = workspaces::organization_of(ctx, workspace).await?;
    if set.visibility != PortVisibility::Public {
        ctx.authorize(Action::PortOpen, &Resource::Organization(organization))
            .map_err(|_| Error::not_found("workspace"))?;
    }
    let reach = reach?;
    permits(&person, set.visibility, &reach)?;
    let path = request.path.as_deref().unwrap_or("/");
    if !is_path(path) {
        return Err(Error::invalid(
            "path",
            "A path begins with one “/”, and holds no spaces, line breaks or backslashes.",
        ));
    }
    let origin = address::origin(ctx.app(), platform, place, organization);
    let addressing = match request.addressing {
        Some(PortAddressing::Host) if origin.is_none() => {
            return Err(Error::conflict(
                "Host names of applications do not lead to this server. Set previews.apps_domain, or open \
                 the port by path.",
            ));
        }
        Some(addressing) => addressing,
        None if origin.is_some() => PortAddressing::Host,
        None => PortAddressing::Path,
    };
    let (kind, base) = match (addressing, origin) {
        (PortAddressing::Host, Some(origin)) => (Kind::EntryHost, origin),
        _ => (Kind::EntryPath, platform.to_owned()),
    };
    let (token, expires_at) = entry(ctx, kind, place, &person);
    let details = json!({ "port": port, "addressing": addressing, "visibility": set.visibility });
    ctx.audit(organization, Action::PortOpen, &workspace, details)
        .await?;
    let path = utf8_percent_encode(path, NON_ALPHANUMERIC);
    Ok(PortOpened {
        url: format!("{base}{}?token={token}&path={path}", entry_routes::ENTER),
        addressing,
        expires_at,
    })
}

/// A token to come in with, and until when it is good.
pub(super) fn entry(
    ctx: &Ctx,
    kind: Kind,
    place: Place,
    person: &Person,
) -> (String, atelier_api::Timestamp) {
    let claims = Claims {
        place,
        visitor: Visitor {
            account: person.account,
            credential: person.credential,
        },
    };
    let expires_at = ctx.now().plus_ms(i64::from(ENTRY_SECONDS) * 1_000);
    let token = ctx.app().gateway().signer.sign(kind, &claims, expires_at);
    (token, expires_at)
}

/// Whether it is a path of the application's own: `//host` would lead elsewhere.
pub(super) fn is_path(path: &str) -> bool {
    path.len() <= PATH_MAX
        && path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}
