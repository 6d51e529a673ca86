export function Logo() {
  return <img className="logo" src="/icon.svg" alt="NeuraCampus" width="32" height="32" />;
}
