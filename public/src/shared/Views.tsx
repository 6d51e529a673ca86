import { useAddress } from "../address";

interface Props {
  views: readonly { view: string; label: string }[];
  className?: string;
  onChoose: (view: string) => void;
}

/** The views of a page, of which the address names the one that is shown. */
export function Views({ views, className = "views", onChoose }: Props) {
  const { view: shown } = useAddress();
  return (
    <nav className={className} aria-label="Views">
      {views.map(({ view, label }) => (
        <button key={view} type="button" aria-current={view === shown ? "page" : undefined} onClick={() => onChoose(view)}>
          {label}
        </button>
      ))}
    </nav>
  );
}
