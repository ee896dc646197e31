-- A gate passes when the run succeeded, and fails when it ended in any other way.
local results = {
  Succeeded = "Healthy",
  PartiallySucceeded = "Degraded",
  Failed = "Degraded",
  Cancelled = "Degraded",
}

-- What is not there yet may come with the same sync: activeDeadline, and nothing here, ends the waiting.
local mayCome = {
  RegistryNotFound = true,
  ProviderNotFound = true,
  PolicyNotFound = true,
  ExecutionNotFound = true,
}

local spec = obj.spec or {}
local status = obj.status or {}
local message = status.message or ""

-- What ended stays as it is: all that could still be changed of the spec is suspend and cancel.
local result = results[status.phase or "Pending"]
if result ~= nil then
  if message == "" then
    message = status.phase
  end
  return { status = result, message = message }
end

if spec.suspend == true and spec.cancel ~= true then
  return { status = "Suspended", message = "spec.suspend is true: no further task starts" }
end

local outdated = status.observedGeneration ~= nil
  and obj.metadata.generation ~= nil
  and status.observedGeneration < obj.metadata.generation
if status.phase == nil or outdated then
  return { status = "Progressing", message = "Waiting for the operator to look at the execution" }
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Stalled" and condition.status == "True" and not mayCome[condition.reason] then
    return { status = "Degraded", message = condition.message or condition.reason }
  end
end

if message == "" then
  message = status.phase
end
if status.progress ~= nil then
  message = message .. " (" .. status.progress .. " tasks"
  if status.warm ~= nil then
    message = message .. ", " .. status.warm .. " warm"
  end
  if status.remaining ~= nil then
    message = message .. ", " .. status.remaining .. " left"
  end
  message = message .. ")"
end
return { status = "Progressing", message = message }
