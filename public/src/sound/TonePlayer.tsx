interface Props { frequency: readonly number[]; onChoose: (tones: number[]) => Promise<unknown> }

export default function TonePlayer({ frequency }: Props) {
  return <p className="tones">{frequency.join()}</p>;
}
