// A passkey is asked of the device and what it answers is sent as a form. The server says what to ask (data-asked).

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const described = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

const made = async (asked) => {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) }, excludeCredentials: described(asked.excludeCredentials) };
  const key = await navigator.credentials.create({ publicKey });
  return { id: key.id, rawId: text(key.rawId), type: key.type, response: { clientDataJSON: text(key.response.clientDataJSON), attestationObject: text(key.response.attestationObject) } };
};

const used = async (asked) => {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: described(asked.allowCredentials) };
  const key = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature } = key.response;
  return { id: key.id, rawId: text(key.rawId), type: key.type, response: { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature) } };
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button");
  const said = form.querySelector("[aria-live]");
  const words = said.dataset;
  if (!window.PublicKeyCredential) {
    said.textContent = words.without;
    continue;
  }
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    button.disabled = true;
    said.textContent = words.waiting;
    try {
      const asked = JSON.parse(form.dataset.asked);
      form.elements.answer.value = JSON.stringify(await (form.dataset.passkey === "add" ? made(asked) : used(asked)));
      form.submit();
    } catch (error) {
      said.textContent = { SecurityError: words.elsewhere, InvalidStateError: words.known }[error.name] ?? words.failed;
      button.disabled = false;
    }
  });
}
