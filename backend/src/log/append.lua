#!lua name=gridlamp_v1
-- The only writer of the three streams of the log. A subject's version is the number of its
-- entries in the index; entries are numbered over all three streams in one row (the second half of
-- the entry id, without a hole), so that every reader sees one order and can prove that it missed none.

-- A record's entry. The id must be later than every one before; when somebody else has written to
-- the stream and left a later id than ours, `millis` moves past it.
local function add(stream, millis, seq, subject, version, args, at)
  local function try()
    return redis.pcall('XADD', stream, string.format('%.0f-%.0f', millis, seq),
      'key', subject, 'version', version, 'at', args[at], 'actor', args[at + 1],
      'region', args[at + 2], 'type', args[at + 3], 'data', args[at + 4])
  end
  local added = try()
  if type(added) == 'table' and added.err then
    local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
    if #newest > 0 then
      millis = math.max(millis, tonumber(string.match(newest[1][1], '^%d+')) + 1)
      added = try()
    end
  end
  return millis, type(added) == 'table' and added.err
end

-- Several appends to one stream in one call, each decided by itself.
-- keys: head, stream, then the index of each append's subject
-- args: epoch, then for each append: subject, expected version, number of records, and the
--       at, actor, region, type, data of each record
-- answers two numbers an append: 1 and its new version, or 0 and the actual version when another was faster
local function append(keys, args)
  local head = redis.call('GET', keys[1])
  local epoch, millis, seq = string.match(head or '', '^(%S+) (%d+) (%d+)$')
  if epoch ~= args[1] then
    return redis.error_reply('GRIDLAMPDIVERGED the log with epoch ' .. args[1] .. ' is gone')
  end
  local time = redis.call('TIME')
  -- Never before the newest entry, even when the clock was set back.
  millis = math.max(time[1] * 1000 + math.floor(time[2] / 1000), tonumber(millis))
  seq = tonumber(seq)
  local answers, at, failure = {}, 2, nil
  for k = 3, #keys do
    local subject, expected, count = args[at], tonumber(args[at + 1]), tonumber(args[at + 2])
    local version = redis.call('STRLEN', keys[k]) / 16
    local agreed = version == expected
    at = at + 3
    if agreed then
      local ids = {}
      for record = 1, count do
        millis, failure = add(keys[2], millis, seq + 1, subject, version + 1, args, at + (record - 1) * 5)
        if failure then break end
        seq = seq + 1
        version = version + 1
        ids[record] = struct.pack('>I8I8', millis, seq)
      end
      redis.call('APPEND', keys[k], table.concat(ids))
    end
    if failure then break end
    at = at + count * 5
    answers[#answers + 1] = agreed and 1 or 0
    answers[#answers + 1] = version
  end
  redis.call('SET', keys[1], string.format('%s %.0f %.0f', epoch, millis, seq))
  if failure then
    return redis.error_reply(failure)
  end
  return answers
end

-- keys: meta, head; args: epoch, secret, format, for a log that does not exist yet
-- answers {epoch, secret, format} of the log that exists now
local function create(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then
    redis.call('HSET', keys[1], 'epoch', args[1], 'secret', args[2], 'format', args[3])
    redis.call('SET', keys[2], args[1] .. ' 0 0')
  end
  return redis.call('HMGET', keys[1], 'epoch', 'secret', 'format')
end

-- A ledger: entry ids are the entries' numbers, from 1 without a hole.
-- keys: ledger; args: the number of the last entry known, then the new entries
-- answers 1 and the number of the last entry, or 0 and the actual one when another was faster
local function ledger(keys, args)
  local newest = redis.call('XREVRANGE', keys[1], '+', '-', 'COUNT', 1)
  local seq = #newest > 0 and tonumber(string.match(newest[1][1], '^%d+')) or 0
  if seq ~= tonumber(args[1]) then
    return {0, seq}
  end
  for at = 2, #args do
    seq = seq + 1
    redis.call('XADD', keys[1], string.format('%.0f-0', seq), 'body', args[at])
  end
  return {1, seq}
end

-- Signs of life; the newer one stays.
-- keys: marks of a kind; args: id, ms since 1970, and so on; answers how many were newer
local function marks(keys, args)
  local kept = 0
  for at = 1, #args, 2 do
    local known = tonumber(redis.call('HGET', keys[1], args[at]) or '')
    if not known or known < tonumber(args[at + 1]) then
      redis.call('HSET', keys[1], args[at], args[at + 1])
      kept = kept + 1
    end
  end
  return kept
end

redis.register_function('gridlamp_v1_append', append)
redis.register_function('gridlamp_v1_ledger', ledger)
redis.register_function('gridlamp_v1_marks', marks)
redis.register_function('gridlamp_v1_create', create)
