//! Which server holds the county's log now. Asked anew at every connection, for the answer changes:
//! a replica is promoted, a slot moves. All keys of a county share one hash tag, so that whatever
//! the set-up is, one server at a time has them all.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::{join_all, select_ok};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, RedisError,
    RedisResult, Value, aio::MultiplexedConnection,
};
use tokio::time::timeout;

use super::super::LogError;
use super::address::{Address, Form};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// What one sentinel or node of a cluster may take to say where the log is.
const ASK_TIMEOUT: Duration = Duration::from_secs(2);
/// How often one node of a cluster may point to another before they are taken to disagree.
const HOPS_MAX: usize = 5;

/// A host and its port, as those who were asked name them.
pub(super) type Server = (String, u16);

/// A connection to the server that held the log when it was made.
pub(super) struct Connected {
    pub(super) connection: MultiplexedConnection,
    /// `None` where the address itself is the server.
    pub(super) server: Option<Server>,
}

/// Finds the server that holds the county's log.
#[derive(Debug)]
pub(super) struct Endpoint {
    form: Form,
    /// Any of the county's keys.
    key: String,
    /// Nodes of the cluster that others have named: a seed may be gone when it is needed.
    known: Mutex<Vec<Server>>,
    replicas: u32,
    shown: String,
}

impl Endpoint {
    pub(super) fn new(url: &str, key: &str) -> Result<Self, LogError> {
        let Address {
            form,
            replicas,
            shown,
        } = Address::parse(url)?;
        Ok(Self {
            form,
            key: key.to_owned(),
            known: Mutex::default(),
            replicas,
            shown,
        })
    }

    /// The address without its passwords.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Replicas that must confirm an append.
    pub(super) fn replicas(&self) -> u32 {
        self.replicas
    }

    /// Whether another server may take over.
    pub(super) fn may_move(&self) -> bool {
        !matches!(self.form, Form::Server(_))
    }

    /// Connects to the server that holds the log now; commands may take up to `response`.
    pub(super) async fn connect(&self, response: Duration) -> RedisResult<Connected> {
        match &self.form {
            Form::Server(info) => Ok(Connected {
                connection: open(info, response).await?,
                server: None,
            }),
            Form::Sentinels {
                sentinels,
                master,
                server,
            } => {
                let named = newest(&ask_all(sentinels, master).await)?;
                connect_master(server, named, response).await
            }
            Form::Cluster(seeds) => self.connect_owner(seeds, response).await,
        }
    }

    /// Whether the sentinels name another master than `server`. A cluster needs no such question:
    /// who no longer owns a key says so.
    pub(super) async fn has_left(&self, server: Option<&Server>) -> bool {
        let (
            Form::Sentinels {
                sentinels, master, ..
            },
            Some(server),
        ) = (&self.form, server)
        else {
            return false;
        };
        let answers = ask_all(sentinels, master).await;
        let epoch = answers.iter().flatten().map(|said| said.epoch).max();
        // Sentinels that can't be reached now are no reason to leave.
        epoch.is_some_and(|epoch| {
            let mut newest = answers.iter().flatten().filter(|said| said.epoch == epoch);
            newest.all(|said| said.master != *server)
        })
    }

    /// All that are known are asked at once: one that hangs delays nobody.
    async fn connect_owner(
        &self,
        seeds: &[ConnectionInfo],
        response: Duration,
    ) -> RedisResult<Connected> {
        let Some(template) = seeds.first() else {
            return Err((ErrorKind::InvalidClientConfig, "no node is named").into());
        };
        let mut starts: Vec<Server> = self.known().clone();
        starts.extend(seeds.iter().filter_map(|seed| server_of(seed.addr())));
        starts.sort_unstable();
        starts.dedup();
        let asked = starts
            .into_iter()
            .map(|start| Box::pin(follow(template, start, &self.key, response)));
        let (mut owner, _others) = select_ok(asked).await?;
        if let Ok(Ok(slots)) = timeout(ASK_TIMEOUT, slots(&mut owner.connection)).await {
            let from = owner.server.as_ref().map_or("", |(host, _)| host.as_str());
            *self.known() = nodes(slots, from);
        }
        Ok(owner)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Vec<Server>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one sentinel says.
struct Said {
    /// Grows with every failover: the greatest knows best.
    epoch: u64,
    master: Server,
}

/// Every sentinel's answer. All are asked: one that was cut off from the others may still name a
/// master that has been replaced.
async fn ask_all(sentinels: &[ConnectionInfo], master: &str) -> Vec<RedisResult<Said>> {
    let asked = sentinels.iter().map(async |sentinel| {
        timeout(ASK_TIMEOUT, ask(sentinel, master))
            .await
            .unwrap_or_else(|_| Err((ErrorKind::Io, "no sentinel answers in time").into()))
    });
    join_all(asked).await
}

async fn ask(sentinel: &ConnectionInfo, master: &str) -> RedisResult<Said> {
    let mut connection = open(sentinel, ASK_TIMEOUT).await?;
    // Names a promoted replica as soon as it is one; the other question tells how new that is.
    let named: Option<Server> = about("GET-MASTER-ADDR-BY-NAME", master)
        .query_async(&mut connection)
        .await?;
    let Some(server) = named else {
        return Err((
            ErrorKind::MasterNameNotFoundBySentinel,
            "the sentinels know no master of this name",
            master.to_owned(),
        )
            .into());
    };
    let facts: HashMap<String, String> =
        about("MASTER", master).query_async(&mut connection).await?;
    let epoch = facts.get("config-epoch").and_then(|text| text.parse().ok());
    Ok(Said {
        epoch: epoch.unwrap_or_default(),
        master: server,
    })
}

/// A question to a sentinel about a master.
fn about(question: &str, master: &str) -> Cmd {
    let mut command = redis::cmd("SENTINEL");
    command.arg(question).arg(master);
    command
}

fn newest(answers: &[RedisResult<Said>]) -> RedisResult<Server> {
    let best = answers.iter().flatten().max_by_key(|said| said.epoch);
    match (best, answers.first()) {
        (Some(said), _) => Ok(said.master.clone()),
        (None, Some(Err(error))) => Err(error.clone()),
        (None, _) => Err((ErrorKind::EmptySentinelList, "no sentinel is named").into()),
    }
}

async fn connect_master(
    template: &ConnectionInfo,
    server: Server,
    response: Duration,
) -> RedisResult<Connected> {
    let mut connection = open(&at(template, &server), response).await?;
    let role: Vec<Value> = redis::cmd("ROLE").query_async(&mut connection).await?;
    let is_master = matches!(role.first(), Some(Value::BulkString(role)) if role == b"master");
    if !is_master {
        let (host, port) = server;
        return Err((
            ErrorKind::Client,
            "the sentinels name a server that is no master",
            format!("{host}:{port}"),
        )
            .into());
    }
    Ok(Connected {
        connection,
        server: Some(server),
    })
}

/// Goes from node to node until one owns the key.
async fn follow(
    template: &ConnectionInfo,
    start: Server,
    key: &str,
    response: Duration,
) -> RedisResult<Connected> {
    let mut server = start;
    for _ in 0..HOPS_MAX {
        let mut connection = open(&at(template, &server), response).await?;
        let mut question = redis::cmd("EXISTS");
        let owns = question.arg(key).exec_async(&mut connection);
        let answer = timeout(ASK_TIMEOUT, owns)
            .await
            .unwrap_or_else(|_| Err((ErrorKind::Io, "a node does not answer in time").into()));
        match answer {
            Ok(()) => {
                return Ok(Connected {
                    connection,
                    server: Some(server),
                });
            }
            Err(error) => server = moved_to(&error, &server.0).ok_or(error)?,
        }
    }
    Err((
        ErrorKind::ClusterConnectionNotFound,
        "the nodes of the cluster disagree about who has the log",
    )
        .into())
}

/// Where the key lives instead; a node may leave its own host out.
fn moved_to(error: &RedisError, from: &str) -> Option<Server> {
    // A slot on its way (ASK) has no owner that could serve all of it.
    if error.code() != Some("MOVED") {
        return None;
    }
    let (host, port) = error.redirect_node()?.0.rsplit_once(':')?;
    let host = if matches!(host, "" | "?") { from } else { host };
    Some((host.to_owned(), port.parse().ok()?))
}

async fn slots(connection: &mut MultiplexedConnection) -> RedisResult<Vec<Vec<Value>>> {
    redis::cmd("CLUSTER")
        .arg("SLOTS")
        .query_async(connection)
        .await
}

/// All nodes in an answer to CLUSTER SLOTS: first, last, then each node as host, port, id and more.
fn nodes(slots: Vec<Vec<Value>>, from: &str) -> Vec<Server> {
    let node = |value: Value| {
        let Value::Array(fields) = value else {
            return None;
        };
        let mut fields = fields.into_iter();
        let host: Option<String> = redis::from_redis_value(fields.next()?).ok()?;
        let port = redis::from_redis_value(fields.next()?).ok()?;
        let host = host.filter(|host| !matches!(host.as_str(), "" | "?"));
        Some((host.unwrap_or_else(|| from.to_owned()), port))
    };
    let ranges = slots.into_iter();
    let mut nodes: Vec<Server> = ranges
        .flat_map(|range| range.into_iter().skip(2).filter_map(node))
        .collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

fn server_of(address: &ConnectionAddr) -> Option<Server> {
    match address {
        ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
            Some((host.clone(), *port))
        }
        _ => None,
    }
}

/// The same way in, at another server.
fn at(template: &ConnectionInfo, (host, port): &Server) -> ConnectionInfo {
    let address = match template.addr() {
        ConnectionAddr::TcpTls {
            insecure,
            tls_params,
            ..
        } => ConnectionAddr::TcpTls {
            host: host.clone(),
            port: *port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        _ => ConnectionAddr::Tcp(host.clone(), *port),
    };
    template.clone().set_addr(address)
}

async fn open(info: &ConnectionInfo, response: Duration) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(response));
    Client::open(info.clone())?
        .get_multiplexed_async_connection_with_config(&config)
        .await
}
