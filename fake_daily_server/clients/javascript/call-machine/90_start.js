/**
 * Create the call machine of a call object that has waited for this script.
 *
 * @param {string} callClientId
 */
function start(callClientId) {
  const call = new CallMachine(callClientId);
  const instance = call.instance;
  if (!instance) {
    return;
  }
  instance.callMachine = {
    store: { getState: () => call.store },
    reset: () => call.post({ action: "call-machine-initialized" }),
  };
  listenToDailyJs(call);
  call.post({ action: "call-machine-initialized" });
  call.post({ action: "loaded" });
}

interceptErrorReports();
(window._daily?.pendings.splice(0) ?? []).forEach(start);
