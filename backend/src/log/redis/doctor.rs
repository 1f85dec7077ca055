//! What an operator should know about the Redis that holds the log.

use super::super::Finding;

/// What Redis says of itself.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The answer to INFO.
    pub(super) info: String,
    /// `appendfsync`, where CONFIG may be asked.
    pub(super) fsync: Option<String>,
    /// Whether the address lets another server take over.
    pub(super) may_move: bool,
    /// Replicas that must confirm an append.
    pub(super) replicas: u32,
}

impl Facts {
    fn value(&self, name: &str) -> &str {
        let line = |line: &'_ str| line.split_once(':').is_some_and(|(key, _)| key == name);
        self.info
            .lines()
            .find(|text| line(text))
            .and_then(|text| text.split_once(':'))
            .map_or("", |(_, value)| value.trim())
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = vec![self.version(), self.persistence(), self.eviction()];
        findings.extend(self.fsync());
        findings.extend(self.last_write());
        findings.extend(self.replication());
        findings
    }

    fn version(&self) -> Finding {
        let version = self.value("redis_version");
        match version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok())
        {
            Some(7..) => Finding::ok(format!("Redis {version} answers")),
            _ => Finding::error(
                format!("Redis {version} is too old: the log needs server-side functions"),
                "install Redis 7 or newer, or Valkey",
            ),
        }
    }

    fn persistence(&self) -> Finding {
        if self.value("aof_enabled") == "1" {
            return Finding::ok("Redis writes its append-only file");
        }
        Finding::error(
            "Redis keeps the log in memory only: when it stops, events are lost",
            "set `appendonly yes` in redis.conf, and now: redis-cli CONFIG SET appendonly yes",
        )
    }

    fn eviction(&self) -> Finding {
        let policy = self.value("maxmemory_policy");
        if policy == "noeviction" {
            return Finding::ok("Redis never evicts keys");
        }
        Finding::error(
            format!("Redis may throw events away when memory is short (maxmemory-policy {policy})"),
            "set `maxmemory-policy noeviction` in redis.conf, and now: redis-cli CONFIG SET maxmemory-policy noeviction",
        )
    }

    fn fsync(&self) -> Option<Finding> {
        let policy = self.fsync.as_deref()?;
        (policy != "always" && self.value("aof_enabled") == "1").then(|| {
            Finding::warning(
                format!("a power cut of the Redis machine can lose the last second (appendfsync {policy})"),
                "set `appendfsync always`, or accept it: a crash of Redis or of a node alone loses nothing",
            )
        })
    }

    /// Replication is asynchronous: what a master has answered for may die with it.
    fn replication(&self) -> Vec<Finding> {
        let connected: u32 = self.value("connected_slaves").parse().unwrap_or(0);
        let mut findings = Vec::new();
        if self.may_move && connected == 0 {
            findings.push(Finding::warning(
                "no replica follows the Redis that holds the log: none can take over from it",
                "start a replica, or wait until the one that was away has caught up",
            ));
        }
        // Redis tells of this only when `min-replicas-to-write` is set.
        let guarded = !self.value("min_slaves_good_slaves").is_empty();
        if !guarded && (self.may_move || connected > 0) {
            findings.push(Finding::warning(
                "Redis accepts events that no replica has yet: a failover can lose reports that were answered (min-replicas-to-write 0)",
                "set `min-replicas-to-write 1` and `min-replicas-max-lag 10` on every Redis server of the set, and end the `log` address with `?replicas=1`",
            ));
        } else if guarded && self.replicas == 0 {
            findings.push(Finding::warning(
                "a failover can lose the last moment's reports: they are answered before a replica has confirmed them",
                "end the `log` address with `?replicas=1`",
            ));
        }
        findings
    }

    fn last_write(&self) -> Option<Finding> {
        let failed = ["aof_last_write_status", "rdb_last_bgsave_status"];
        failed
            .iter()
            .any(|name| self.value(name) == "err")
            .then(|| {
                Finding::error(
                    "Redis could not write to its disk lately",
                    "free space on the Redis machine and look at its log",
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::FindingLevel;
    use super::*;

    fn levels(info: &str, fsync: Option<&str>) -> Vec<FindingLevel> {
        let facts = Facts {
            info: info.to_owned(),
            fsync: fsync.map(str::to_owned),
            ..Facts::default()
        };
        facts
            .findings()
            .into_iter()
            .map(|finding| finding.level)
            .collect()
    }

    #[test]
    fn a_durable_redis_is_fine() {
        let info =
            "# Server\r\nredis_version:7.0.15\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n";
        assert_eq!(levels(info, Some("always")), [FindingLevel::Ok; 3]);
        assert_eq!(levels(info, Some("everysec"))[3], FindingLevel::Warning);
    }

    #[test]
    fn a_cache_is_no_log() {
        let info = "redis_version:6.2.1\r\naof_enabled:0\r\nmaxmemory_policy:allkeys-lru\r\n";
        assert_eq!(levels(info, None), [FindingLevel::Error; 3]);
    }

    #[test]
    fn replicas_are_no_safety_by_themselves() {
        let remedies = |info: &str, may_move, replicas| -> Vec<String> {
            let facts = Facts {
                info: info.to_owned(),
                may_move,
                replicas,
                ..Facts::default()
            };
            facts
                .replication()
                .into_iter()
                .map(|finding| finding.remedy)
                .collect()
        };
        assert!(remedies("connected_slaves:0\r\n", false, 0).is_empty());
        let unguarded = remedies("connected_slaves:1\r\n", false, 0);
        assert!(
            unguarded[0].contains("min-replicas-to-write 1"),
            "{unguarded:?}"
        );
        assert_eq!(remedies("connected_slaves:0\r\n", true, 1).len(), 2);
        let guarded = "connected_slaves:1\r\nmin_slaves_good_slaves:1\r\n";
        assert!(remedies(guarded, true, 1).is_empty());
        assert!(remedies(guarded, true, 0)[0].contains("?replicas=1"));
    }
}
