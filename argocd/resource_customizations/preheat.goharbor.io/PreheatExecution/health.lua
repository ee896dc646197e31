-- A gate passes when the run succeeded, and fails when it ended in any other way. As long as it has
-- not ended, whatever it waits for may still come: activeDeadline, and nothing here, ends the waiting.
local results = {
  Succeeded = "Healthy",
  PartiallySucceeded = "Degraded",
  Failed = "Degraded",
  Cancelled = "Degraded",
}

local spec = obj.spec or {}
local status = obj.status or {}
local message = status.message or ""

-- What ended stays as it is, whatever of the spec is changed afterwards.
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

if message == "" then
  return { status = "Progressing", message = "Waiting for the operator to begin the run" }
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
