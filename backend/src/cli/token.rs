//! `gridlamp token create` and `gridlamp link`.

use domain::actor::{Actor, Role};
use domain::time::Span;
use geodata::region::Code;

use super::serve;
use crate::account;
use crate::clock::Clock;
use crate::config::Config;
use crate::http;
use crate::log::OpenMode;
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
    /// How long the link can be used, in hours.
    #[arg(long, default_value_t = 24)]
    hours: i64,
}

fn role(text: &str) -> Result<Role, String> {
    let role = serde_json::from_value(serde_json::Value::String(text.replace('-', "_")));
    match role {
        Ok(Role::Rule) | Err(_) => Err(format!("{text:?} is no role")),
        Ok(role) => Ok(role),
    }
}

pub(super) async fn run(config: &Config, Args::Create(args): Args) -> anyhow::Result<i32> {
    let county = serve::pack(config)?.county;
    let scope = scope(&county, args.scope)?;
    let (name, role) = match (args.source, args.role) {
        (Some(source), _) => (source, Role::Source),
        (None, Some(role)) => (format!("{role:?}").to_lowercase(), role),
        (None, None) => ("reader".to_owned(), Role::Reader),
    };
    let log = node::open_log(config, &county.code.to_string(), OpenMode::Tool).await?;
    let created_at = Clock::life().now().to_string();
    println!(
        "{}",
        account::token::create(&log, &name, role, scope, created_at).await?
    );
    Ok(0)
}

pub(super) async fn link(config: &Config, args: LinkArgs) -> anyhow::Result<i32> {
    let county = serve::pack(config)?.county;
    let scope = scope(&county, args.scope)?;
    let log = node::open_log(config, &county.code.to_string(), OpenMode::Tool).await?;
    let actor = Actor::new(
        format!("link-{:?}", args.role).to_lowercase(),
        args.role,
        scope,
    );
    let path = http::link(&log, &actor, Span::hours(args.hours), &Clock::life());
    println!("{}{path}", config.url());
    Ok(0)
}

fn scope(county: &domain::pack::County, asked: Option<Code>) -> anyhow::Result<Code> {
    let scope = asked.unwrap_or(county.code);
    anyhow::ensure!(
        county.tree.get(scope).is_some(),
        "{} has no region {scope}",
        county.name
    );
    Ok(scope)
}
