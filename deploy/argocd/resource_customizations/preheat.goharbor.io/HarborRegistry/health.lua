-- Trouble that may pass without anybody's doing: the operator asks Harbor again by itself.
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

local ready = condition("Ready")
if ready == nil or ready.status == "Unknown" or outdated(ready) then
  return { status = "Progressing", message = "Waiting for the operator to look at the registry" }
end

local message = ready.message or ready.reason or ""
if ready.status == "True" then
  local webhooks = condition("WebhooksRegistered")
  if webhooks ~= nil and webhooks.status == "False" and webhooks.reason == "RegistrationIncomplete" then
    message = message .. " But not every project calls the webhook: " .. (webhooks.message or "")
  end
  return { status = "Healthy", message = message }
end
if passing[ready.reason or ""] then
  return { status = "Progressing", message = message }
end
return { status = "Degraded", message = message }
