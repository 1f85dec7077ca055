#!lua name=gridlamp_v1
-- The only writer of the three streams of the log. A subject's version is the number of its
-- entries in the index; entries are numbered over all three streams in one row (the second half of
-- the entry id, without a hole), so that every reader sees one order and can prove that it missed none.

-- keys: head, stream, index of the subject
-- args: epoch, subject, expected version, then at, actor, region, type, data of each record
-- answers {1, new version}, or {0, actual version} when another append was faster
local function append(keys, args)
  local head = redis.call('GET', keys[1])
  local epoch, millis, seq = string.match(head or '', '^(%S+) (%d+) (%d+)$')
  if epoch ~= args[1] then
    return redis.error_reply('GRIDLAMPDIVERGED the log with epoch ' .. args[1] .. ' is gone')
  end
  local version = redis.call('STRLEN', keys[3]) / 16
  if version ~= tonumber(args[3]) then
    return {0, version}
  end
  local time = redis.call('TIME')
  -- Never before the newest entry, even when the clock was set back.
  millis = math.max(time[1] * 1000 + math.floor(time[2] / 1000), tonumber(millis))
  seq = tonumber(seq)
  for i = 4, #args, 5 do
    seq = seq + 1
    version = version + 1
    local function add()
      return redis.pcall('XADD', keys[2], string.format('%.0f-%.0f', millis, seq),
        'key', args[2], 'version', version, 'at', args[i], 'actor', args[i + 1],
        'region', args[i + 2], 'type', args[i + 3], 'data', args[i + 4])
    end
    local added = add()
    if type(added) == 'table' and added.err and i == 4 then
      -- Somebody else wrote to the stream and left a later id than ours: go past it.
      local newest = redis.call('XREVRANGE', keys[2], '+', '-', 'COUNT', 1)
      if #newest > 0 then
        millis = math.max(millis, tonumber(string.match(newest[1][1], '^%d+')) + 1)
        added = add()
      end
    end
    if type(added) == 'table' and added.err then
      return added
    end
    redis.call('APPEND', keys[3], struct.pack('>I8I8', millis, seq))
    redis.call('SET', keys[1], string.format('%s %.0f %.0f', epoch, millis, seq))
  end
  return {1, version}
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

redis.register_function('gridlamp_v1_append', append)
redis.register_function('gridlamp_v1_create', create)
