-- Trouble that may pass without anybody's doing: the operator probes the provider again by itself.
local passing = { Unreachable = true, RateLimited = true, LimitReached = true }

local function condition(name)
  if obj.status ~= nil and obj.status.conditions ~= nil then
    for _, candidate in ipairs(obj.status.conditions) do
      if candidate.type == name then
        return candidate
      end
    end
  end
  return nil
end

local function outdated(found)
  return found.observedGeneration ~= nil
    and obj.metadata.generation ~= nil
    and found.observedGeneration < obj.metadata.generation
end

if obj.spec ~= nil and obj.spec.suspend == true then
  return { status = "Suspended", message = "spec.suspend is true: tasks wait" }
end

local ready = condition("Ready")
if ready == nil or ready.status == "Unknown" or outdated(ready) then
  return { status = "Progressing", message = "Waiting for the operator to probe the provider" }
end

local message = ready.message or ready.reason or ""
if ready.status == "True" then
  -- Such a provider takes work that no one has any use of, until a person corrects its settings.
  local ids = condition("TaskIDsMatch")
  if ids ~= nil and ids.status == "False" then
    return { status = "Degraded", message = ids.message or ids.reason }
  end
  return { status = "Healthy", message = message }
end
if passing[ready.reason or ""] then
  return { status = "Progressing", message = message }
end
return { status = "Degraded", message = message }
