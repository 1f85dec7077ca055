//! Several real Redis processes that make one set: a master with a replica under sentinels, and a
//! cluster. They are ready by what they say, never by waiting.

use std::{
    fs,
    path::Path,
    sync::{Arc, Weak},
};

use tokio::sync::Mutex;

use super::{RedisServer, free_port};

/// The name the sentinels know the master by.
pub(crate) const MASTER: &str = "main";
const SLOTS: u32 = 16_384;

/// A master, a replica, and three sentinels that watch them.
#[derive(Debug)]
pub(crate) struct Sentinels {
    pub(crate) master: RedisServer,
    pub(crate) replica: RedisServer,
    pub(crate) watchers: Vec<RedisServer>,
}

impl Sentinels {
    pub(crate) async fn start() -> Self {
        let master =
            RedisServer::start_as(|_, _| words("--appendonly yes --repl-diskless-sync-delay 0"));
        let of = master.port();
        let mut replica = RedisServer::start_as(|_, _| {
            words(&format!("--appendonly yes --replicaof 127.0.0.1 {of}"))
        });
        replica.says("Finished with success").await;
        let watchers = (0..3).map(|_| sentinel(of, 2)).collect();
        Self {
            master,
            replica,
            watchers,
        }
    }

    /// One set for all tests that run at the same time and break nothing.
    pub(crate) async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Sentinels>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(set) = shared.upgrade() {
            return set;
        }
        let set = Arc::new(Self::start().await);
        *shared = Arc::downgrade(&set);
        set
    }

    /// Waits until each sentinel knows the replica and both of the others: now they can fail over.
    pub(crate) async fn ready(&mut self) {
        for sentinel in &mut self.watchers {
            sentinel.says("+slave").await;
            sentinel.says("+sentinel").await;
            sentinel.says("+sentinel").await;
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis+sentinel://{}/{MASTER}", hosts(&self.watchers))
    }
}

/// A sentinel that watches the master at `port`; `quorum` of them must agree that it is down.
pub(crate) fn sentinel(port: u16, quorum: u32) -> RedisServer {
    RedisServer::start_as(|folder, _| {
        let file = folder.join("sentinel.conf");
        let text = format!(
            "sentinel monitor {MASTER} 127.0.0.1 {port} {quorum}\n\
             sentinel down-after-milliseconds {MASTER} 500\n\
             sentinel failover-timeout {MASTER} 3000\n"
        );
        fs::write(&file, text).expect("the sentinel's file");
        vec![path(&file), "--sentinel".to_owned()]
    })
}

/// Three masters that share the slots, and a replica of the first if asked for.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<RedisServer>,
}

impl Cluster {
    pub(crate) async fn start(replicas: usize) -> Self {
        let mut nodes = Vec::new();
        for n in 0..3 {
            let node = node();
            let (first, last) = (SLOTS * n / 3, SLOTS * (n + 1) / 3 - 1);
            let () = node
                .ask(&format!("CLUSTER ADDSLOTSRANGE {first} {last}"))
                .await;
            let () = node
                .ask(&format!("CLUSTER SET-CONFIG-EPOCH {}", n + 1))
                .await;
            nodes.push(node);
        }
        nodes.extend((0..replicas).map(|_| node()));
        for other in &nodes[1..] {
            let bus: String = other
                .ask::<Vec<String>>("CONFIG GET cluster-port")
                .await
                .remove(1);
            let meet = format!("CLUSTER MEET 127.0.0.1 {} {bus}", other.port());
            let () = nodes[0].ask(&meet).await;
        }
        for node in &mut nodes {
            node.says("Cluster state changed: ok").await;
        }
        Self { nodes }
    }

    /// One cluster for all tests that run at the same time and break nothing.
    pub(crate) async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(cluster) = shared.upgrade() {
            return cluster;
        }
        let cluster = Arc::new(Self::start(0).await);
        *shared = Arc::downgrade(&cluster);
        cluster
    }

    pub(crate) fn url(&self) -> String {
        format!("redis+cluster://{}", hosts(&self.nodes[..3]))
    }

    /// The slot of a county's keys.
    pub(crate) async fn slot(&self, county: &str) -> u32 {
        self.nodes[0]
            .ask(&format!("CLUSTER KEYSLOT {county}"))
            .await
    }

    /// Which of the three masters had `slot` in the beginning.
    pub(crate) fn first_owner(slot: u32) -> usize {
        (0..3)
            .find(|n| slot < SLOTS * (*n as u32 + 1) / 3)
            .expect("a slot")
    }

    /// Moves a slot with all its keys, as `redis-cli --cluster reshard` does.
    pub(crate) async fn move_slot(&self, slot: u32, from: usize, to: usize) {
        let (source, target) = (&self.nodes[from], &self.nodes[to]);
        let source_id: String = source.ask("CLUSTER MYID").await;
        let target_id: String = target.ask("CLUSTER MYID").await;
        let () = target
            .ask(&format!("CLUSTER SETSLOT {slot} IMPORTING {source_id}"))
            .await;
        let () = source
            .ask(&format!("CLUSTER SETSLOT {slot} MIGRATING {target_id}"))
            .await;
        loop {
            let keys: Vec<String> = source
                .ask(&format!("CLUSTER GETKEYSINSLOT {slot} 16"))
                .await;
            if keys.is_empty() {
                break;
            }
            for key in keys {
                let () = source
                    .ask(&format!("MIGRATE 127.0.0.1 {} {key} 0 5000", target.port()))
                    .await;
            }
        }
        for node in [target, source] {
            let () = node
                .ask(&format!("CLUSTER SETSLOT {slot} NODE {target_id}"))
                .await;
        }
    }
}

fn node() -> RedisServer {
    RedisServer::start_as(|_, _| {
        words(&format!(
            "--appendonly yes --repl-diskless-sync-delay 0 --cluster-enabled yes \
             --cluster-node-timeout 1000 --cluster-replica-validity-factor 0 --cluster-port {}",
            free_port()
        ))
    })
}

fn hosts(servers: &[RedisServer]) -> String {
    let hosts = servers
        .iter()
        .map(|server| format!("127.0.0.1:{}", server.port()));
    hosts.collect::<Vec<_>>().join(",")
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn path(path: &Path) -> String {
    path.to_str().expect("a path of plain text").to_owned()
}
