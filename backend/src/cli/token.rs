//! `gridlamp token create` and `gridlamp link`.

use std::sync::Arc;

use anyhow::Context as _;
use domain::actor::Role;
use domain::time::Span;
use geodata::region::Code;

use super::serve;
use crate::account::token::{self, Wanted};
use crate::account::{Rules, first};
use crate::audit::{self, AuditRecord};
use crate::clock::Clock;
use crate::config::Config;
use crate::log::{EventLog, OpenMode};
use crate::node;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Make a token; it is printed once and kept nowhere.
    Create(Create),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// A source that may post reports and positions under this name.
    #[arg(long, conflicts_with = "reader", required_unless_present_any = ["reader", "role"])]
    source: Option<String>,
    /// A reader of everything in its scope.
    #[arg(long)]
    reader: bool,
    /// Another system that acts in a role: centre, command_room, platform, unit, village or grid.
    #[arg(long, conflicts_with_all = ["source", "reader"], value_parser = role)]
    role: Option<Role>,
    /// The region it is bound to; the whole county if left out.
    #[arg(long)]
    scope: Option<Code>,
}

#[derive(Debug, clap::Args)]
pub(super) struct LinkArgs {
    /// What the link signs in as.
    #[arg(long, value_parser = role, default_value = "wall")]
    role: Role,
    /// The region it is bound to; the whole county if left out.
    #[arg(long)]
    scope: Option<Code>,
    /// As the head of its organisation.
    #[arg(long)]
    director: bool,
    /// How long the link can be used, in hours.
    #[arg(long, default_value_t = 24)]
    hours: i64,
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    let role = serde_json::from_value(serde_json::Value::String(text.replace('-', "_")));
    match role {
        Ok(Role::Rule) | Err(_) => Err(format!("{text:?} is no role")),
        Ok(role) => Ok(role),
    }
}

pub(super) async fn run(config: &Config, Args::Create(args): Args) -> anyhow::Result<i32> {
    let (log, rules) = open(config).await?;
    let (name, role) = match (args.source, args.role) {
        (Some(source), _) => (source, Role::Source),
        (None, Some(role)) => (name_of(role), role),
        (None, None) => ("reader".to_owned(), Role::Reader),
    };
    let wanted = Wanted {
        name,
        role,
        scope: scope(&rules, args.scope)?,
    };
    let token = token::create(&log, &rules, &wanted).await?;
    record(config, &log, &rules, "token.create", &wanted.name).await?;
    println!("{token}");
    Ok(0)
}

/// A link for a wall, or for a person of a role who is taken in for it: the directory knows both,
/// and either can be sent away again.
pub(super) async fn link(config: &Config, args: LinkArgs) -> anyhow::Result<i32> {
    let (log, rules) = open(config).await?;
    let scope = scope(&rules, args.scope)?;
    let id = format!("link-{}-{scope}", name_of(args.role).replace('_', "-"));
    let name = rules.county.tree.name(scope).to_owned();
    let link = if args.role == Role::Wall {
        let id = crate::account::secret::new_id()?;
        first::wall(&log, &rules, &id, &format!("{name}大屏"), scope).await?
    } else {
        let mut post = first::post(&rules.county, args.role, scope);
        post.director = args.director;
        let id = if args.director { format!("{id}-d") } else { id };
        first::person(&log, &rules, &id, &name, post).await?
    };
    let path = first::path(&log, &link, Span::hours(args.hours), rules.clock.now());
    let target = format!("{} {scope}", name_of(args.role));
    record(config, &log, &rules, "link.create", &target).await?;
    println!("{}{path}", config.url());
    Ok(0)
}

/// The log and what accounts go by, for a tool beside a running node.
pub(super) async fn open(config: &Config) -> anyhow::Result<(Arc<EventLog>, Rules)> {
    let county = Arc::new(serve::pack(config)?.county);
    let log = node::open_log(config, &county.code.to_string(), OpenMode::Tool).await?;
    let rules = node::rules(config, &county, &Clock::life(), false);
    Ok((log, rules))
}

/// Records in the audit what was done from the command line.
pub(super) async fn record(
    config: &Config,
    log: &Arc<EventLog>,
    rules: &Rules,
    action: &str,
    target: &str,
) -> anyhow::Result<()> {
    let record = AuditRecord {
        at: rules.clock.now(),
        who: "cli".to_owned(),
        role: Some(Role::Rule),
        on_behalf_of: None,
        from: "console".to_owned(),
        action: action.to_owned(),
        target: Some(target.to_owned()),
        region: Some(rules.county.code),
        purpose: None,
        outcome: "ok".to_owned(),
        before: None,
        after: None,
    };
    let county = rules.county.code.to_string();
    audit::once(log.clone(), &county, &config.data, record)
        .await
        .context("it is done, but the audit has no record of it")
}

fn name_of(role: Role) -> String {
    let name = serde_json::to_value(role).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

/// The region asked for, if the county has it; the whole county otherwise.
pub(super) fn scope(rules: &Rules, asked: Option<Code>) -> anyhow::Result<Code> {
    let county = &rules.county;
    let scope = asked.unwrap_or(county.code);
    anyhow::ensure!(
        county.tree.get(scope).is_some(),
        "{} has no region {scope}",
        county.name
    );
    Ok(scope)
}
