// Passkeys where the browser knows them; what goes wrong is said beside the button.

const SAID = {
  NotAllowedError: "No passkey was used. Try again, or sign in another way.",
  InvalidStateError: "This device has a passkey of yours already.",
  SecurityError: "Passkeys do not work at this address. Ask your administrator for one with HTTPS.",
  NotSupportedError: "This device cannot make such a passkey. Take the tick away, or use another device.",
};

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.querySelector("[data-passkey-trouble]");
  if (place) place.textContent = SAID[event.detail.exception?.name] ?? "That did not work. Try again in a minute.";
});
