//! What an operator should know about the Redis that holds the log.

use super::super::Finding;

/// What Redis says of itself.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The answer to INFO.
    pub(super) info: String,
    /// `appendfsync`, where CONFIG may be asked.
    pub(super) fsync: Option<String>,
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
}
